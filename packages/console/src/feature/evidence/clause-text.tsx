import { useTranslation } from "react-i18next";
import type { Clause } from "../../query.ts";
import { useText } from "../../text/index.ts";
import style from "./evidence.module.css";

/** What the standard asks, in our words, and what to do about it. */
export function ClauseText({ clause }: { readonly clause: Clause }) {
  const { t } = useTranslation();
  const text = useText();
  return (
    <section className={style["clause"]}>
      <h3 className={style["heading"]}>
        {t("evidence.clause")} <span className={style["soft"]}>{t("evidence.levels", { levels: clause.levels.join(", ") })}</span>
      </h3>
      <p>{text(clause.summary)}</p>
      <h3 className={style["heading"]}>{t("evidence.remediation")}</h3>
      <p>{text(clause.remediation)}</p>
      <h3 className={style["heading"]}>{t("evidence.decidedBy")}</h3>
      <p>{text(clause.decidedBy)}</p>
    </section>
  );
}
