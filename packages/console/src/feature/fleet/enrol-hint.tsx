import type { Site } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { EnrolCommand } from "../agent/enrol-command.tsx";
import style from "./enrol-hint.module.css";

/** The empty fleet: what is missing, and the one command that ends it. */
export function EnrolHint({ sites, waiting }: { readonly sites: readonly Site[]; readonly waiting: boolean }) {
  const { t } = useTranslation();
  return (
    <section className={style["hint"]}>
      <h2>{t("empty.title")}</h2>
      {waiting ? (
        <p>{t("empty.waiting")}</p>
      ) : (
        <>
          <p>{t("empty.noAgent")}</p>
          <EnrolCommand sites={sites} />
        </>
      )}
    </section>
  );
}
