/** What a status looks like without colour, and which is worse. */
import type { Status } from "@vedette/collector/api";

/** Shape beside colour: a status is read without seeing colours. */
export const GLYPH: Readonly<Record<Status, string>> = {
  pass: "●",
  fail: "▲",
  unknown: "?",
  notchecked: "–",
  notapplicable: "·",
  error: "!",
};

/** From worst to best, as the collector ranks them. */
export const STATUSES: readonly Status[] = ["fail", "error", "unknown", "notchecked", "pass", "notapplicable"];

/** The worst of a device's counts. */
export function worstOf(counts: Readonly<Partial<Record<Status, number>>>): Status {
  return STATUSES.find((status) => (counts[status] ?? 0) > 0) ?? "notchecked";
}
