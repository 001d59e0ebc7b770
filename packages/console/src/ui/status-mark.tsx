import type { Status } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { GLYPH } from "./status.ts";
import style from "./status-mark.module.css";

/** Glyph and word; with `bare` the word is for screen readers alone. */
export function StatusMark({ status, bare = false }: { readonly status: Status; readonly bare?: boolean }) {
  const { t } = useTranslation();
  const word = t(`status.${status}`);
  return (
    <span className={style["mark"]} data-status={status}>
      <span className={style["glyph"]} aria-hidden="true" title={bare ? word : undefined}>
        {GLYPH[status]}
      </span>
      <span className={bare ? style["hidden"] : undefined}>{word}</span>
    </span>
  );
}
