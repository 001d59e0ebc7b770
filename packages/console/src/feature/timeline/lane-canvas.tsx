import { useMantineColorScheme } from "@mantine/core";
import type { Event } from "@vedette/collector/api";
import { type PointerEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage, useText } from "../../text/index.ts";
import { absolute } from "../../ui/time.ts";
import { draw, heightOf, laneAt } from "./draw.ts";
import type { Lane } from "./lane.ts";
import { type Hover, LaneHint } from "./lane-hint.tsx";
import style from "./timeline.module.css";
import { boxAt, boxesOf, type Span, ticksOf, timeAt, within, xOf, zoomed } from "./view.ts";

interface Props {
  readonly lanes: readonly Lane[];
  readonly events: readonly Event[];
  readonly span: Span;
  readonly bounds: Span;
  readonly at: number | null;
  readonly knownAt: number | null;
  readonly now: number;
  readonly change: (span: Span) => void;
  readonly show: (clause: string, at: number | null) => void;
  readonly showEvent: (event: Event) => void;
}

/** A drag shorter than this is a click, px. */
const CLICK_PX = 4;
const TICK_GAP_PX = 96;
const DAY_MS = 86_400_000;

/** The lanes, painted: drag zooms, a click opens the evidence. The table twin holds the same for those who do not see it. */
export function LaneCanvas({ lanes, events, span, bounds, at, knownAt, now, change, show, showEvent }: Props) {
  const { t } = useTranslation();
  const text = useText();
  const language = useLanguage();
  const { colorScheme } = useMantineColorScheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [brush, setBrush] = useState<readonly [number, number] | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);

  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = canvas.current;
    if (element === null || width === 0) return;
    const long = span.to - span.from > DAY_MS;
    const format = new Intl.DateTimeFormat(
      language,
      long
        ? { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false }
        : { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false },
    );
    const ticks = ticksOf(span, width, TICK_GAP_PX, -new Date(span.from).getTimezoneOffset() * 60_000).map((tick) => ({
      at: tick,
      text: format.format(tick),
    }));
    const marks = events.map((e) => ({ at: Date.parse(e.time), severity: e.data.severity }));
    const frame = requestAnimationFrame(() => draw(element, { lanes, marks, span, ticks, at, knownAt, now, brush }));
    return () => cancelAnimationFrame(frame);
  }, [lanes, events, span, at, knownAt, now, brush, width, language, colorScheme]);

  const place = (event: PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const hit = (x: number, y: number) => {
    const lane = laneAt(lanes, y);
    if (lane === null) return null;
    if (lane !== "events") return { lane, box: boxAt(boxesOf(lane, span, width), x) ?? null, event: null };
    const nearest = events.toSorted(
      (a, b) => Math.abs(xOf(Date.parse(a.time), span, width) - x) - Math.abs(xOf(Date.parse(b.time), span, width) - x),
    )[0];
    const near = nearest !== undefined && Math.abs(xOf(Date.parse(nearest.time), span, width) - x) < 8;
    return { lane, box: null, event: near ? nearest : null };
  };
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const { x, y } = place(event);
    if (brush !== null) return setBrush([brush[0], x]);
    const found = hit(x, y);
    if (found?.event) {
      const when = Date.parse(found.event.time);
      return setHover({ x, y, title: "", status: null, partly: false, reason: found.event.data.reason, from: when, to: when });
    }
    if (!found?.box) return setHover(null);
    const { segment } = found.box;
    setHover({
      x,
      y,
      title: segment.decisive.clause,
      status: segment.status,
      partly: segment.partly,
      reason: segment.decisive.reason,
      from: segment.from,
      to: segment.to,
    });
  };
  const up = (event: PointerEvent<HTMLCanvasElement>) => {
    if (brush === null) return;
    const { x, y } = place(event);
    const [start] = brush;
    setBrush(null);
    if (Math.abs(x - start) > CLICK_PX) {
      change(within({ from: timeAt(Math.min(start, x), span, width), to: timeAt(Math.max(start, x), span, width) }, bounds));
      return;
    }
    const found = hit(x, y);
    if (found?.event) showEvent(found.event);
    else if (found?.box) {
      const { segment } = found.box;
      // The present needs no clock; a stretch that is over is shown as it was.
      show(segment.decisive.clause, segment.to === null ? null : Math.max(segment.from, timeAt(x, span, width)));
    }
  };
  return (
    <div className={style["canvas"]}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t("timeline.label", { from: absolute(span.from, language), to: absolute(span.to, language) })}
        style={{ height: heightOf(lanes) }}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const { x } = place(event);
          setBrush([x, x]);
          setHover(null);
        }}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={() => setBrush(null)}
        onPointerLeave={() => setHover(null)}
        onWheel={(event) => {
          // Without the key the page scrolls, as everywhere.
          if (!event.ctrlKey && !event.metaKey) return;
          const box = event.currentTarget.getBoundingClientRect();
          change(zoomed(span, event.deltaY > 0 ? 1.25 : 0.8, timeAt(event.clientX - box.left, span, width), bounds));
        }}
      />
      {hover !== null && <LaneHint hover={hover} width={width} reason={text(hover.reason)} />}
    </div>
  );
}
