/** Where a client of the live feed stands, and the cursor that carries it. */
import { z } from "zod";
import { decodeCursor, encodeCursor } from "./cursor.ts";

/** In one bucket: everything up to and including this event was sent. */
export interface LivePosition {
  readonly bucket: number;
  readonly era: number;
  readonly seq: number;
  /** Id of the last event sent of that changeset; "" for none, "~" (after every id) for all. */
  readonly event: string;
}

const ALL = "~";
const UInt32 = z.number().int().min(0).max(0xffff_ffff);
const Position = z.tuple([UInt32, UInt32, UInt32, z.string().max(100)]);
const Positions = z.array(Position).max(4096);

/** About 100 characters for each bucket in which the client's sites lie. */
export const MAX_CURSOR_CHARS = 96 * 1024;

export function beginning(bucket: number): LivePosition {
  return { bucket, era: 0, seq: 0, event: "" };
}

/** After everything of that changeset. */
export function endOf(bucket: number, at: { readonly era: number; readonly seq: number }): LivePosition {
  return { bucket, era: at.era, seq: at.seq, event: ALL };
}

/** Of two positions in one bucket. */
export function isBefore(a: LivePosition, b: LivePosition): boolean {
  if (a.era !== b.era) return a.era < b.era;
  return a.seq === b.seq ? a.event < b.event : a.seq < b.seq;
}

export function encodePositions(positions: ReadonlyMap<number, LivePosition>): string {
  const sorted = [...positions.values()].sort((a, b) => a.bucket - b.bucket);
  return encodeCursor(sorted.map((p) => [p.bucket, p.era, p.seq, p.event]));
}

/** @throws ProblemError 400 where the text is not one of our cursors */
export function decodePositions(text: string): Map<number, LivePosition> {
  const told = decodeCursor(text, Positions, "after");
  return new Map(told.map(([bucket, era, seq, event]) => [bucket, { bucket, era, seq, event }]));
}
