import { Button, NativeSelect } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Device } from "@vedette/collector/api";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "wouter";
import { devicesQuery } from "../../query.ts";
import { useLanguage } from "../../text/index.ts";
import { useKeys } from "../../ui/keyboard.tsx";
import { useNow } from "../../ui/now.ts";
import { Notice, RowSkeleton } from "../../ui/state.tsx";
import { short } from "../../ui/time.ts";
import { EvidenceDrawer } from "../evidence/evidence-drawer.tsx";
import { filterRows, type Row, revisedBy, type Severity } from "./feed.ts";
import style from "./live.module.css";
import { useLive } from "./live-context.tsx";
import { LiveRow } from "./live-row.tsx";

const KINDS = ["transition", "drift", "exposure", "device", "agent", "attestation"] as const;
const HOUR_MS = 3_600_000;

/** What happens, newest on top. */
export default function LivePage() {
  const { t } = useTranslation();
  const { phase, feed, dispatch } = useLive();
  const [params, setParams] = useSearchParams();
  const now = useNow();
  const language = useLanguage();
  const [kind, setKind] = useState<string | null>(null);
  const [severity, setSeverity] = useState<Severity>("info");
  const [current, setCurrent] = useState<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const devices = useInfiniteQuery(devicesQuery({}));
  const names = useMemo(() => new Map((devices.data?.pages ?? []).flatMap((p) => p.items).map((d) => [d.id, d])), [devices.data]);
  const rows = filterRows(feed.rows, kind, severity);
  const events = rows.filter((r) => r.kind === "event");
  const at = events.findIndex((r) => r.key === current);
  const lastHour = feed.rows.filter((r) => r.kind === "event" && now - Date.parse(r.event.time) < HOUR_MS);
  const worse = lastHour.filter((r) => r.kind === "event" && (r.event.data.severity === "medium" || r.event.data.severity === "high"));

  const revised = useMemo(() => revisedBy(feed.rows.flatMap((r) => (r.kind === "event" ? [r.event] : []))), [feed.rows]);

  const step = (by: number) => setCurrent(events[Math.min(Math.max(at + by, 0), events.length - 1)]?.key ?? null);
  const open = (row: Row | undefined) => {
    if (row?.kind !== "event" || row.event.data.device === undefined || row.event.data.device === "") return;
    const { device, clause, evidence } = row.event.data;
    setCurrent(row.key);
    const observation = evidence.find((e) => e.kind === "observation")?.id;
    setParams({
      device,
      ...(clause === undefined ? {} : { clause }),
      ...(observation === undefined ? {} : { observation }),
      event: row.event.id,
    });
  };
  useKeys({
    j: () => step(1),
    k: () => step(at < 0 ? 1 : -1),
    Enter: () => open(events[at]),
    e: () => open(events[at]),
  });
  useEffect(() => {
    list.current?.querySelector("[data-current=true]")?.scrollIntoView({ block: "nearest" });
  });
  const opened = params.get("event");
  const openedEvent = feed.rows.find((r) => r.key === opened);
  return (
    <>
      <div className={style["head"]}>
        <div>
          <h1>{t("live.title")}</h1>
          <p className={style["sentence"]}>
            {t("live.sentence", { count: lastHour.length })}
            {worse.length > 0 && `${language === "en" ? ", " : "，"}${t("live.worse", { count: worse.length })}`}
          </p>
        </div>
        <div className={style["tools"]}>
          <NativeSelect
            size="sm"
            aria-label={t("live.kinds")}
            value={kind ?? ""}
            onChange={(e) => setKind(e.currentTarget.value === "" ? null : e.currentTarget.value)}
            data={[{ value: "", label: t("live.all") }, ...KINDS.map((k) => ({ value: k, label: t(`kind.${k}`) }))]}
          />
          <NativeSelect
            size="sm"
            aria-label={t("live.severities")}
            value={severity}
            onChange={(e) => setSeverity(e.currentTarget.value as Severity)}
            data={[
              { value: "info", label: t("live.anySeverity") },
              ...(["low", "medium", "high"] as const).map((s) => ({
                value: s,
                label: t("live.atLeast", { severity: t(`severity.${s}`) }),
              })),
            ]}
          />
          <Button
            variant={feed.paused ? "filled" : "default"}
            size="sm"
            onClick={() => dispatch({ type: feed.paused ? "resume" : "pause" })}
          >
            {feed.paused ? t("live.resume") : t("live.pause")}
            {feed.paused && feed.waiting.length > 0 && <> · {t("live.waiting", { count: feed.waiting.length })}</>}
          </Button>
        </div>
      </div>
      {phase === "away" && (
        <Notice title={t("state.unreachable")} tone="bad">
          {t("state.unreachableDo")}
        </Notice>
      )}
      {phase === "connecting" && feed.rows.length === 0 && <RowSkeleton />}
      {phase !== "connecting" && rows.length === 0 && (
        <Notice title={feed.rows.length === 0 ? t("live.empty") : t("live.noMatch")}>
          {feed.rows.length === 0 ? t("live.emptyDo") : null}
        </Notice>
      )}
      <ol className={style["list"]} ref={list}>
        {rows.map((row) =>
          row.kind === "away" ? (
            <AwayRow key={row.key} from={row.from} to={row.to} missed={row.missed} />
          ) : (
            <LiveRow
              key={row.key}
              event={row.event}
              device={deviceOf(names, row.event.data.device)}
              current={row.key === current}
              corrected={revised.has(row.key)}
              open={() => open(row)}
            />
          ),
        )}
      </ol>
      {params.get("device") !== null && (
        <EvidenceDrawer
          device={params.get("device") ?? ""}
          clause={params.get("clause")}
          observation={params.get("observation")}
          event={openedEvent?.kind === "event" ? openedEvent.event : null}
          close={() => setParams({})}
        />
      )}
    </>
  );
}

function deviceOf(names: ReadonlyMap<string, Device>, id: string | undefined): string {
  if (id === undefined || id === "") return "";
  return names.get(id)?.name ?? id;
}

function AwayRow({ from, to, missed }: { readonly from: number; readonly to: number; readonly missed: number }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow();
  return (
    <li className={style["away"]}>
      {t("live.wasAway", { from: short(from, now, language), to: short(to, now, language), count: missed })}
    </li>
  );
}
