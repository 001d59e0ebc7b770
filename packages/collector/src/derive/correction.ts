/** The sweep's own event: what was shown of a site did not follow from what is stored, and has been corrected. A fault of ours, so it is told. */
import { eventText } from "@vedette/standard";
import { type EventContext, eventRow } from "./event.ts";
import { type Rows, rowCount } from "./row.ts";
import type { StoredPresent } from "./stored.ts";

/** @param rows what corrects @param at time of the sweep, ms @returns the same rows and an event that says how many they are */
export function withCorrectionTold(rows: Rows, stored: StoredPresent, at: number, cx: EventContext): Rows {
  const parameters = { rows: rowCount(rows) };
  const told = {
    device: "",
    kind: "transition" as const,
    change: "sweep-corrected",
    clause: null,
    at,
    from: null,
    to: null,
    code: "sweep-corrected",
    parameters,
    severity: "medium" as const,
    evidence: [],
    reason: eventText("sweep-corrected", parameters),
    topic: `sweep-corrected|${at}`,
  };
  return { ...rows, event: [...rows.event, eventRow(told, [], stored, cx)] };
}
