import type { Event } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { en } from "../../text/en.ts";
import { useText } from "../../text/index.ts";
import { TimeText } from "../../ui/time-text.tsx";
import { kindOf } from "./feed.ts";
import style from "./live.module.css";

/** Shape beside colour, as with a status. */
const SHAPE = { high: "▲", medium: "▲", low: "▽", info: "·" } as const;

interface Props {
  readonly event: Event;
  /** Name of the device; empty where the event is of none. */
  readonly device: string;
  /** A later event corrects it. */
  readonly corrected: boolean;
  readonly current: boolean;
  readonly open: () => void;
}

export function LiveRow({ event, device, corrected, current, open }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const kind = kindOf(event);
  const { severity, reason, revises } = event.data;
  return (
    <li className={style["row"]} data-event={event.id} data-current={current} data-severity={severity} data-corrected={corrected}>
      <button type="button" onClick={open}>
        <span className={style["time"]}>
          <TimeText at={event.time} form="short" />
        </span>
        <span className={style["severity"]}>
          <span aria-hidden="true">{SHAPE[severity]}</span> {t(`severity.${severity}`)}
        </span>
        <span className={style["kind"]}>{Object.hasOwn(en.kind, kind) ? t(`kind.${kind as keyof typeof en.kind}`) : kind}</span>
        <span className={style["device"]} title={device}>
          {device}
        </span>
        <span className={style["reason"]}>
          {text(reason)}
          {corrected ? <em> ({t("live.corrected")})</em> : revises !== undefined && revises.length > 0 && <em> ({t("live.revises")})</em>}
        </span>
      </button>
    </li>
  );
}
