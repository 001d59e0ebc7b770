import type { Level } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import style from "./device-table.module.css";

/** "0 / 2 · 9 of 24 checked": proven, possible and how much was looked at stay apart. */
export function LevelCell({ level }: { readonly level: Level }) {
  const { t } = useTranslation();
  const grade = (value: number | null) => (value === null ? "–" : String(value));
  const { checked, of } = level.observable;
  return (
    <span
      title={`${t("level.proven")} ${grade(level.proven)}, ${t("level.possible")} ${grade(level.possible)}, ${t("level.observable")} ${grade(level.observable.level)}, ${t("level.ofChecked", { k: checked, n: of })}`}
    >
      <span className={style["grades"]}>
        {grade(level.proven)} / {grade(level.possible)}
      </span>{" "}
      <span className={style["checked"]}>{t("level.kOfN", { k: checked, n: of })}</span>
    </span>
  );
}
