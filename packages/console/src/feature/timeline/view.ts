/** The window of time that is seen, and where things stand in it. Pure. */
import { STATUSES } from "../../ui/status.ts";
import type { Lane, Segment } from "./lane.ts";

export interface Span {
  /** ms since 1970 */
  readonly from: number;
  readonly to: number;
}

/** Nothing shorter can be told apart by looking, ms. */
export const MIN_SPAN_MS = 2_000;

/** The nearest window inside the bounds, at least MIN_SPAN_MS wide where they are. */
export function within(span: Span, bounds: Span): Span {
  const width = Math.min(Math.max(span.to - span.from, MIN_SPAN_MS), Math.max(bounds.to - bounds.from, 1));
  const from = Math.min(Math.max(span.from, bounds.from), bounds.to - width);
  return { from, to: from + width };
}

/** factor < 1 shows less; the time `around` stays where it is. */
export function zoomed(span: Span, factor: number, around: number, bounds: Span): Span {
  return within({ from: around - (around - span.from) * factor, to: around + (span.to - around) * factor }, bounds);
}

export function panned(span: Span, share: number, bounds: Span): Span {
  const by = (span.to - span.from) * share;
  return within({ from: span.from + by, to: span.to + by }, bounds);
}

export function xOf(at: number, span: Span, width: number): number {
  return ((at - span.from) / (span.to - span.from)) * width;
}

export function timeAt(x: number, span: Span, width: number): number {
  return span.from + (x / width) * (span.to - span.from);
}

export interface Box {
  readonly x: number;
  readonly width: number;
  readonly segment: Segment;
}

/** Narrower ones could not be seen or hit, px. */
const MIN_BOX = 2;

/** Boxes of a lane that are seen; where several share a place too narrow for them, the worst is shown. */
export function boxesOf(lane: Lane, span: Span, width: number): Box[] {
  const out: Box[] = [];
  for (const segment of lane.segments) {
    if (segment.from >= span.to) break;
    if (segment.to !== null && segment.to <= span.from) continue;
    const x = Math.max(xOf(segment.from, span, width), 0);
    const end = Math.min(segment.to === null ? width : xOf(segment.to, span, width), width);
    const last = out.at(-1);
    if (last !== undefined && last.width <= MIN_BOX && x < last.x + last.width) {
      const worse = STATUSES.indexOf(segment.status) < STATUSES.indexOf(last.segment.status);
      if (end - last.x <= MIN_BOX) {
        if (worse) out[out.length - 1] = { ...last, segment };
        continue;
      }
    }
    const left = last === undefined ? x : Math.max(x, last.x + last.width);
    out.push({ x: left, width: Math.max(end - left, MIN_BOX), segment });
  }
  return out;
}

/** The box under a place, or the nearest within a finger's reach. */
export function boxAt(boxes: readonly Box[], x: number): Box | undefined {
  return boxes.find((b) => x >= b.x && x < b.x + b.width) ?? boxes.find((b) => Math.abs(x - (b.x + b.width / 2)) <= 4);
}

const STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000, 7_776_000,
].map((s) => s * 1_000);

/** Round times for the axis, at most one every `gap` px, in the zone that is `offsetMs` ahead of UTC. */
export function ticksOf(span: Span, width: number, gap: number, offsetMs: number): number[] {
  const least = ((span.to - span.from) / Math.max(width, 1)) * gap;
  const step = STEPS_MS.find((s) => s >= least) ?? STEPS_MS.at(-1) ?? 1;
  const first = Math.ceil((span.from + offsetMs) / step) * step - offsetMs;
  const out: number[] = [];
  for (let at = first; at <= span.to; at += step) out.push(at);
  return out;
}
