/** The whole bitemporal rule, as a pure function over belief rows. */
import { compareText } from "./canonical.ts";
import { fromColumnTime } from "./column-time.ts";
import type { BeliefRow } from "./row.ts";

/** A belief as it lies in the store. */
export interface RecordedBelief extends BeliefRow {
  readonly recorded_at: string;
  /** The changeset's seq: orders rows of one `recorded_at`. */
  readonly seq: number;
}

/**
 * What was believed at `knownAt`: per (device, clause, from) the greatest (recorded_at, seq) up to then; retracted ones dropped;
 * neighbours that are equal in status, basis, code and parameters joined.
 * @returns by device, clause, from
 */
export function asKnown(rows: readonly RecordedBelief[], knownAt: number): RecordedBelief[] {
  const latest = new Map<string, RecordedBelief>();
  for (const row of rows) {
    if (fromColumnTime(row.recorded_at) > knownAt) continue;
    const key = `${row.device}|${row.clause}|${row.from}`;
    const before = latest.get(key);
    const newer =
      before === undefined ||
      compareText(before.recorded_at, row.recorded_at) < 0 ||
      (before.recorded_at === row.recorded_at && before.seq < row.seq);
    if (newer) latest.set(key, row);
  }
  const standing = [...latest.values()]
    .filter((r) => r.status !== "retracted")
    .sort((a, b) => compareText(a.device, b.device) || compareText(a.clause, b.clause) || compareText(a.from, b.from));
  return standing.filter((row, i) => {
    const before = standing[i - 1];
    if (before === undefined || before.device !== row.device || before.clause !== row.clause) return true;
    return before.status !== row.status || before.basis !== row.basis || before.code !== row.code || before.parameters !== row.parameters;
  });
}
