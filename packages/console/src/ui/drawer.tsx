import { CloseButton } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import style from "./drawer.module.css";

interface Props {
  readonly title: ReactNode;
  readonly close: () => void;
  readonly children: ReactNode;
}

/**
 * A panel beside the page, not over it: the list stays usable, so it is no modal dialog. The focus goes to its heading, and
 * back to where it was; Escape closes it.
 */
export function Drawer({ title, close, children }: Props) {
  const { t } = useTranslation();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) close();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [close]);
  return (
    <aside className={style["drawer"]} aria-labelledby={id}>
      <div className={style["head"]}>
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <CloseButton aria-label={t("evidence.close")} onClick={close} />
      </div>
      <div className={style["body"]}>{children}</div>
    </aside>
  );
}
