import { Kbd, Modal } from "@mantine/core";
import { useTranslation } from "react-i18next";
import style from "./help-dialog.module.css";

const KEYS = [
  [["/"], "search"],
  [["j", "k"], "rows"],
  [["Enter"], "enter"],
  [["e"], "evidence"],
  [["[", "]"], "steps"],
  [["+", "−", "0"], "zoom"],
  [["f"], "fold"],
  [["g f", "g d"], "fleet"],
  [["g l"], "live"],
  [["g a"], "agents"],
  [["Esc"], "escape"],
  [["?"], "help"],
] as const;

export function HelpDialog({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const { t } = useTranslation();
  return (
    // Locking the scroll would add a style element, which the page's policy refuses.
    <Modal
      opened={opened}
      onClose={close}
      title={t("help.title")}
      lockScroll={false}
      closeButtonProps={{ "aria-label": t("evidence.close") }}
    >
      <dl className={style["keys"]}>
        {KEYS.map(([keys, name]) => (
          <div key={name}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{t(`help.${name}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
