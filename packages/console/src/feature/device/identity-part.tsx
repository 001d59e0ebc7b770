import type { DeviceDetail } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { MiddleCut } from "../../ui/middle-cut.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./device.module.css";

/** Why these sightings are one device: the identifiers that tie them, and each joining. */
export function IdentityPart({ device }: { readonly device: DeviceDetail }) {
  const { t } = useTranslation();
  const identifiers = device.identifiers.filter((i) => i.kind !== "address").toSorted((a, b) => Number(b.joins) - Number(a.joins));
  return (
    <section>
      <h2>{t("device.identity")}</h2>
      <ul className={style["identifiers"]}>
        {identifiers.map((i) => (
          <li key={`${i.kind}${i.value}`}>
            <span className={style["kind"]}>{t(`device.identifierKind.${i.kind}`, { defaultValue: i.kind })}</span>
            <MiddleCut text={i.value} tail={10} />
            <span className={style["soft"]}>{i.cloned ? t("device.cloned") : i.joins ? t("device.joins") : t("device.suggests")}</span>
          </li>
        ))}
      </ul>
      {device.joins.length === 0 ? (
        <p className={style["soft"]}>{t("device.noJoins")}</p>
      ) : (
        <ul className={style["joins"]}>
          {device.joins.map((j) => (
            <li key={`${j.identifier}${j.value}${j.a}${j.b}`}>
              {t("device.joinedBy", {
                identifier: t(`device.identifierKind.${j.identifier}`, { defaultValue: j.identifier }),
                value: j.value,
              })}
              <span className={style["soft"]}>
                {" "}
                <TimeText at={j.at} form="short" />
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className={style["soft"]}>
        {t("device.sources")}: {device.sources.join(", ")}
      </p>
    </section>
  );
}
