/** Painting the lanes. Colours are the page's custom properties, so that both schemes and the table beside it agree. */
import type { Status } from "@vedette/collector/api";
import { GLYPH } from "../../ui/status.ts";
import type { Lane } from "./lane.ts";
import { boxesOf, type Span, xOf } from "./view.ts";

export const AXIS_PX = 22;
export const EVENT_PX = 20;
export const ASPECT_PX = 28;
export const CLAUSE_PX = 22;

/** What is readable on the fill of a status. */
const ON_FILL: Readonly<Record<Status, string>> = {
  pass: "--on-fill",
  fail: "--on-fill",
  unknown: "--on-unknown",
  notchecked: "--on-pale",
  notapplicable: "--on-pale",
  error: "--paper",
};

export interface Mark {
  readonly at: number;
  readonly severity: string;
}

export interface Scene {
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly span: Span;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** The clocks of the page, ms; null: now. */
  readonly at: number | null;
  readonly knownAt: number | null;
  readonly now: number;
  /** What is being dragged out, px. */
  readonly brush: readonly [number, number] | null;
}

export function laneHeight(lane: Lane): number {
  return lane.clause === null ? ASPECT_PX : CLAUSE_PX;
}

export function heightOf(lanes: readonly Lane[]): number {
  return AXIS_PX + EVENT_PX + lanes.reduce((sum, l) => sum + laneHeight(l), 0);
}

/** The lane at a height of the canvas; "events" for the thin one. */
export function laneAt(lanes: readonly Lane[], y: number): Lane | "events" | null {
  if (y < AXIS_PX) return null;
  if (y < AXIS_PX + EVENT_PX) return "events";
  let top = AXIS_PX + EVENT_PX;
  for (const lane of lanes) {
    top += laneHeight(lane);
    if (y < top) return lane;
  }
  return null;
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  // The pattern stands still while the window moves over it.
  for (let i = Math.floor((x - height) / 8) * 8; i < x + width; i += 8) {
    context.moveTo(i, y + height);
    context.lineTo(i + height, y);
  }
  context.stroke();
  context.restore();
}

export function draw(canvas: HTMLCanvasElement, scene: Scene): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  const height = heightOf(scene.lanes);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const css = getComputedStyle(canvas);
  const colour = (name: string) => css.getPropertyValue(name);
  const fill = (status: Status) => colour(`--${status}-fill`);
  context.font = `12px ${css.fontFamily}`;
  context.textBaseline = "middle";

  for (const { at, text } of scene.ticks) {
    const x = Math.round(xOf(at, scene.span, width)) + 0.5;
    context.strokeStyle = colour("--line");
    context.beginPath();
    context.moveTo(x, AXIS_PX - 4);
    context.lineTo(x, height);
    context.stroke();
    context.fillStyle = colour("--ink-soft");
    context.textAlign = x < 30 ? "left" : x > width - 30 ? "right" : "center";
    context.fillText(text, x, AXIS_PX / 2);
  }

  let top = AXIS_PX + EVENT_PX;
  context.textAlign = "left";
  for (const lane of scene.lanes) {
    const tall = laneHeight(lane);
    const inset = lane.clause === null ? 4 : 5;
    for (const { x, width: wide, segment } of boxesOf(lane, scene.span, width)) {
      context.fillStyle = fill(segment.status);
      // A hair between neighbours of one colour.
      context.fillRect(x, top + inset, Math.max(wide - 1, 1), tall - inset * 2);
      if (segment.partly) hatch(context, x, top + inset, Math.max(wide - 1, 1), tall - inset * 2, colour("--paper"));
      if (wide > 20) {
        context.fillStyle = segment.partly ? colour("--paper") : "transparent";
        context.fillRect(x + 3, top + inset + 2, 15, tall - inset * 2 - 4);
        context.fillStyle = segment.partly ? colour(`--${segment.status}`) : colour(ON_FILL[segment.status]);
        context.fillText(GLYPH[segment.status], x + 6, top + tall / 2 + 0.5);
      }
    }
    top += tall;
  }

  for (const { at, severity } of scene.marks) {
    const x = xOf(at, scene.span, width);
    if (x < -6 || x > width + 6) continue;
    const y = AXIS_PX + EVENT_PX / 2;
    context.fillStyle =
      severity === "high" ? colour("--fail-fill") : severity === "medium" ? colour("--unknown-fill") : colour("--ink-soft");
    context.beginPath();
    context.moveTo(x, y - 6);
    context.lineTo(x + 5, y);
    context.lineTo(x, y + 6);
    context.lineTo(x - 5, y);
    context.fill();
  }

  for (const [at, dash] of [
    [scene.now, [2, 3]],
    [scene.knownAt, [6, 3]],
    [scene.at, []],
  ] as const) {
    if (at === null) continue;
    const x = xOf(at, scene.span, width);
    context.strokeStyle = colour("--accent");
    context.lineWidth = at === scene.now ? 1 : 2;
    context.setLineDash([...dash]);
    context.beginPath();
    context.moveTo(x, AXIS_PX - 6);
    context.lineTo(x, height);
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1;
  }

  if (scene.brush !== null) {
    const [a, b] = scene.brush;
    context.fillStyle = colour("--accent");
    context.globalAlpha = 0.18;
    context.fillRect(Math.min(a, b), AXIS_PX, Math.abs(b - a), height - AXIS_PX);
    context.globalAlpha = 1;
  }
}
