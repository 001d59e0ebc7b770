import type { DeviceDetail } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./device.module.css";

/** Where it stands in the network and in the house. */
export function WherePart({ device, site }: { readonly device: DeviceDetail; readonly site: string }) {
  const { t } = useTranslation();
  const { addresses, endpoints, bss, coverage } = device;
  // Services at addresses that it has left are no longer its own.
  const open = endpoints.filter((e) => addresses.includes(e.address));
  return (
    <section>
      <h2>{t("device.where")}</h2>
      <dl className={style["list"]}>
        <dt>{t("device.site")}</dt>
        <dd>{[site, device.location].filter((s) => s !== "").join(" · ")}</dd>
        <dt>{t("device.membership")}</dt>
        <dd>{t(`membership.${device.membership}`)}</dd>
        <dt>{t("device.addresses")}</dt>
        <dd>{addresses.length === 0 ? t("device.noAddress") : addresses.join(", ")}</dd>
        <dt>{t("device.endpoints")}</dt>
        <dd>{open.length === 0 ? t("device.noEndpoints") : open.map((e) => `${e.port}/${e.transport} ${e.protocol}`.trim()).join(", ")}</dd>
        {bss.length > 0 && (
          <>
            <dt>{t("device.bss")}</dt>
            <dd>{bss.join(", ")}</dd>
          </>
        )}
        <dt>{t("device.lastSeen")}</dt>
        <dd>
          {device.vanishedAt === null ? (
            <TimeText at={device.lastSeenAt} />
          ) : (
            <strong>
              {t("fleet.vanished")} <TimeText at={device.vanishedAt} />
            </strong>
          )}
        </dd>
        <dt>{t("device.firstSeen")}</dt>
        <dd>
          <TimeText at={device.firstSeenAt} />
        </dd>
        <dt>{t("device.swept")}</dt>
        <dd>{coverage.completeSweepAt === null ? t("device.neverSwept") : <TimeText at={coverage.completeSweepAt} />}</dd>
      </dl>
    </section>
  );
}
