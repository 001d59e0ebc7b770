import { Button, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Aspect, Event, TimelineItem } from "@vedette/collector/api";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "wouter";
import { eventsQuery, standardQuery, timelineQuery } from "../../query.ts";
import { useKeys } from "../../ui/keyboard.tsx";
import { useNow } from "../../ui/now.ts";
import { ErrorNotice, Notice, RowSkeleton } from "../../ui/state.tsx";
import { useClocks } from "../clock/clocks.ts";
import { standing } from "../live/feed.ts";
import { changesOf, lanesOf } from "./lane.ts";
import { LaneCanvas } from "./lane-canvas.tsx";
import { LaneLabels } from "./lane-labels.tsx";
import style from "./timeline.module.css";
import { TimelineTable } from "./timeline-table.tsx";
import { panned, type Span, within, zoomed } from "./view.ts";

const EVENTS = 500;
const NONE: readonly never[] = [];

/** How the device came to where it stands: a lane an aspect, opening to its clauses, and what happened besides. */
export function TimelinePanel({ device }: { readonly device: string }) {
  const { t } = useTranslation();
  const [clocks, setClocks] = useClocks();
  const [, setParams] = useSearchParams();
  const now = useNow();
  const timeline = useQuery(timelineQuery(device, clocks.knownAt));
  const happened = useQuery(eventsQuery(useMemo(() => ({ device, limit: EVENTS }), [device])));
  const standard = useQuery(standardQuery);
  const [open, setOpen] = useState<ReadonlySet<Aspect>>(new Set());
  const [chosen, setChosen] = useState<Span | null>(null);
  const [table, setTable] = useState(false);

  const items: readonly TimelineItem[] = timeline.data?.items ?? NONE;
  const clauses = standard.data?.clauses ?? NONE;
  const lanes = useMemo(() => lanesOf(items, clauses, open), [items, clauses, open]);
  const changes = useMemo(() => changesOf(items), [items]);
  const events = useMemo(() => standing(happened.data ?? []), [happened.data]);
  const bounds = useMemo((): Span => {
    const first = changes[0] ?? now;
    const rest = Math.max((now - first) * 0.03, 2_000);
    return { from: first - rest, to: now + rest };
  }, [changes, now]);
  const span = chosen === null ? bounds : within(chosen, bounds);
  const at = clocks.at === undefined ? null : Date.parse(clocks.at);

  const centre = at ?? (span.from + span.to) / 2;
  const zoom = (factor: number) => setChosen(zoomed(span, factor, centre, bounds));
  const step = (forward: boolean) => {
    const from = at ?? now;
    const next = forward ? changes.find((c) => c > from) : changes.findLast((c) => c < from);
    if (next === undefined) {
      if (forward) setClocks({ ...clocks, at: undefined });
      return;
    }
    setClocks({ ...clocks, at: new Date(next).toISOString() });
    if (next < span.from || next > span.to) setChosen(panned(span, (next - (span.from + span.to) / 2) / (span.to - span.from), bounds));
  };
  const toggle = (aspect: Aspect) =>
    setOpen((before) => (before.has(aspect) ? new Set([...before].filter((a) => a !== aspect)) : new Set(before).add(aspect)));
  const show = (clause: string, time: number | null) =>
    setParams((before) => {
      const after = new URLSearchParams(before);
      after.delete("observation");
      after.set("clause", clause);
      if (time !== null) after.set("at", new Date(time).toISOString());
      return after;
    });
  const showEvent = (event: Event) => {
    const observation = event.data.evidence.find((e) => e.kind === "observation")?.id;
    if (event.data.clause !== undefined) show(event.data.clause, Date.parse(event.time));
    else if (observation !== undefined)
      setParams((before) => new URLSearchParams([...[...before].filter(([key]) => key !== "clause"), ["observation", observation]]));
  };
  useKeys({
    "[": () => step(false),
    "]": () => step(true),
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    "0": () => setChosen(null),
  });

  if (timeline.data === undefined) {
    return timeline.error === null ? (
      <RowSkeleton rows={6} height={28} />
    ) : (
      <ErrorNotice error={timeline.error} retry={() => void timeline.refetch()} />
    );
  }
  if (lanes.length === 0) return standard.data === undefined ? <RowSkeleton rows={6} height={28} /> : <Notice title={t("timeline.none")} />;
  return (
    <>
      <div className={style["tools"]}>
        <span className={style["hint"]}>{t("timeline.hint")}</span>
        <Button.Group>
          <Tool name={t("timeline.previous")} press={() => step(false)} text="[" />
          <Tool name={t("timeline.next")} press={() => step(true)} text="]" />
          <Tool name={t("timeline.zoomIn")} press={() => zoom(0.5)} text="+" />
          <Tool name={t("timeline.zoomOut")} press={() => zoom(2)} text="−" />
          <Tool name={t("timeline.all")} press={() => setChosen(null)} text="0" />
        </Button.Group>
      </div>
      <div className={style["lanes"]}>
        <LaneLabels lanes={lanes} open={open} toggle={toggle} show={(clause) => show(clause, null)} />
        <LaneCanvas
          lanes={lanes}
          events={events}
          span={span}
          bounds={bounds}
          at={at}
          knownAt={clocks.knownAt === undefined ? null : Date.parse(clocks.knownAt)}
          now={now}
          change={setChosen}
          show={show}
          showEvent={showEvent}
        />
      </div>
      <Button variant="subtle" size="compact-sm" mt="xs" aria-expanded={table} onClick={() => setTable(!table)}>
        {table ? t("timeline.hideTable") : t("timeline.table")} · {t("timeline.changes", { count: changes.length })}
      </Button>
      {table && <TimelineTable items={items} events={events} span={span} show={(clause) => show(clause, null)} />}
    </>
  );
}

function Tool({ name, press, text }: { readonly name: string; readonly press: () => void; readonly text: string }) {
  return (
    <Tooltip label={name} openDelay={400}>
      <Button variant="default" size="compact-sm" onClick={press} aria-label={`${text} ${name}`}>
        {text}
      </Button>
    </Tooltip>
  );
}
