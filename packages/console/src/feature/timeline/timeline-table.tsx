import type { Event, TimelineItem } from "@vedette/collector/api";
import { useTranslation } from "react-i18next";
import { en } from "../../text/en.ts";
import { useText } from "../../text/index.ts";
import { PlainTable } from "../../ui/plain-table.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { TimeText } from "../../ui/time-text.tsx";
import style from "./timeline.module.css";
import type { Span } from "./view.ts";

interface Props {
  readonly items: readonly TimelineItem[];
  readonly events: readonly Event[];
  readonly span: Span;
  readonly show: (clause: string) => void;
}

/** The lanes as a table: what the window shows, newest first. */
export function TimelineTable({ items, events, span, show }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const column = (name: keyof typeof en.timeline.column) => t(`timeline.column.${name}`);
  const seen = items.filter((i) => Date.parse(i.from) < span.to && (i.to === null || Date.parse(i.to) > span.from));
  const rows = [
    ...seen.map((item) => ({ at: item.from, item, event: null })),
    ...events
      .filter((e) => Date.parse(e.time) >= span.from && Date.parse(e.time) <= span.to && e.data.clause === undefined)
      .map((event) => ({ at: event.time, item: null, event })),
  ].toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <PlainTable
      label={t("timeline.title")}
      columns={[column("from"), column("to"), column("clause"), column("status"), column("reason"), column("cause")]}
    >
      {rows.map(({ at, item, event }) =>
        item === null ? (
          <tr key={event?.id}>
            <td className={style["when"]}>
              <TimeText at={at} form="short" />
            </td>
            <td />
            <td colSpan={2}>{t("timeline.events")}</td>
            <td colSpan={2}>{event === null ? null : text(event.data.reason)}</td>
          </tr>
        ) : (
          <tr key={`${item.clause}${item.from}`}>
            <td className={style["when"]}>
              <TimeText at={item.from} form="short" />
            </td>
            <td className={style["when"]}>{item.to === null ? t("timeline.now") : <TimeText at={item.to} form="short" />}</td>
            <td>
              <button type="button" className={style["link"]} onClick={() => show(item.clause)}>
                {item.clause}
              </button>
            </td>
            <td>
              <StatusMark status={item.status} />
            </td>
            <td>{text(item.reason)}</td>
            <td>{Object.hasOwn(en.cause, item.cause) ? t(`cause.${item.cause as keyof typeof en.cause}`) : item.cause}</td>
          </tr>
        ),
      )}
    </PlainTable>
  );
}
