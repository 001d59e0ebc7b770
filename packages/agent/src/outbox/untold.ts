/** Observations that were refused and that no gap record names yet; kept in the file, as the refusal may be followed by a crash. */
import type { DatabaseSync } from "node:sqlite";
import type { Gap } from "./gap.ts";
import type { Rank } from "./outbox.ts";

interface Row {
  readonly rank: number;
  readonly count: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

export function openUntold(db: DatabaseSync) {
  const add = db.prepare(
    "UPDATE untold SET from_ms = CASE count WHEN 0 THEN ?2 ELSE min(from_ms, ?2) END, to_ms = max(to_ms, ?2), count = count + 1 WHERE rank = ?1",
  );
  const some = db.prepare("SELECT * FROM untold WHERE count > 0");
  const clear = db.prepare("UPDATE untold SET count = 0, from_ms = 0, to_ms = 0");

  return {
    add: (rank: Rank, wallMs: number) => void add.run(rank, wallMs),
    clear: () => void clear.run(),
    /** They never had a seq: the record names how many, and no ranges. */
    gap(): Gap | undefined {
      const rows = some.all() as unknown as Row[];
      if (rows.length === 0) return undefined;
      const count = (rank: number) => rows.find((r) => r.rank === rank)?.count ?? 0;
      return {
        reason: "disk-full",
        epoch: "",
        ranges: [],
        counts: [count(0), count(1), count(2)],
        fromMs: Math.min(...rows.map((r) => r.from_ms)),
        toMs: Math.max(...rows.map((r) => r.to_ms)),
      };
    },
  };
}
