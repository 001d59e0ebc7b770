import { Popover } from "@mantine/core";
import type { DeviceDetail } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "wouter";
import { useClassName } from "../fleet/use-class-name.ts";
import style from "./device.module.css";

type Attributes = DeviceDetail["attributes"];
type Attribute = NonNullable<Attributes["vendor"]>;

/** How sure: a firm, a broken or a dotted line under the value. */
function sureness(confidence: number): "firm" | "fair" | "faint" {
  return confidence >= 0.85 ? "firm" : confidence >= 0.6 ? "fair" : "faint";
}

/** What the device is; behind each value its source, and what other sources say. */
export function AttributeLine({ device }: { readonly device: DeviceDetail }) {
  const { t } = useTranslation();
  const className = useClassName();
  const keys = ["vendor", "model", "firmware", "serial"] as const;
  return (
    <dl className={style["attributes"]}>
      <div>
        <dt>{t("device.class")}</dt>
        <dd title={device.membershipReason}>{className(device.class)}</dd>
      </div>
      {keys.map((key) => {
        const attribute = device.attributes[key];
        return (
          <div key={key}>
            <dt>{t(`device.${key}`)}</dt>
            <dd>
              {attribute === null ? (
                <span className={style["soft"]}>{t("device.notKnown")}</span>
              ) : (
                <AttributeValue name={t(`device.${key}`)} attribute={attribute} />
              )}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function AttributeValue({ name, attribute }: { readonly name: string; readonly attribute: Attribute }) {
  const { t } = useTranslation();
  const [, setParams] = useSearchParams();
  const percent = (confidence: number) => Math.round(confidence * 100);
  const show = () =>
    setParams(
      (before) =>
        new URLSearchParams([
          ...[...before].filter(([key]) => key !== "clause" && key !== "observation"),
          ["observation", attribute.observation],
        ]),
    );
  return (
    <Popover position="bottom-start" width={340} shadow="sm" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={style["attribute"]}
          data-sure={sureness(attribute.confidence)}
          aria-label={`${name}: ${attribute.value}`}
        >
          {attribute.value}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <p>
          <strong>{attribute.value}</strong> · {t("device.confidence", { percent: percent(attribute.confidence) })}
        </p>
        <p>
          {t("device.source")}:{" "}
          <button type="button" className={style["link"]} onClick={show}>
            {attribute.source}
          </button>
        </p>
        {attribute.alternatives.length === 0 ? (
          <p className={style["soft"]}>{t("device.noAlternative")}</p>
        ) : (
          <>
            <p className={style["soft"]}>{t("device.lost")}</p>
            <ul className={style["alternatives"]}>
              {attribute.alternatives.map((a) => (
                <li key={`${a.source}${a.value}`}>
                  {a.value} · {a.source} · {t("device.confidence", { percent: percent(a.confidence) })}
                </li>
              ))}
            </ul>
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
