/** What was last told of each look, as the outbox keeps it. */
import type { DatabaseSync } from "node:sqlite";
import type { Told, ToldDraft } from "./outbox.ts";

/** Fills in the key of the observation that a draft says is the new base. */
function settle(draft: ToldDraft, epoch: string, seq: number): Told {
  const { base, ...rest } = draft;
  if (base === undefined) return rest;
  return { ...rest, base: "epoch" in base ? base : { ...base, epoch, seq } };
}

interface ToldRow {
  look: string;
  outcome: number;
  fault: string;
  hash: Uint8Array | null;
  epoch: string | null;
  seq: number | null;
  sent_at_ms: number | null;
  posture: Uint8Array | null;
  reported_at_ms: number;
  repeats: number;
}

function toldOf(r: ToldRow): Told {
  const base =
    r.hash === null || r.epoch === null || r.seq === null || r.sent_at_ms === null
      ? undefined
      : { hash: r.hash, epoch: r.epoch, seq: r.seq, sentAtMs: r.sent_at_ms };
  return {
    outcome: r.outcome,
    fault: r.fault,
    reportedAtMs: r.reported_at_ms,
    repeats: r.repeats,
    ...(base === undefined ? {} : { base }),
    ...(r.posture === null ? {} : { posture: r.posture }),
  };
}

export function openTold(db: DatabaseSync) {
  const one = db.prepare("SELECT * FROM told WHERE look = ?");
  const all = db.prepare("SELECT * FROM told");
  const put = db.prepare(
    "INSERT OR REPLACE INTO told (look, outcome, fault, hash, epoch, seq, sent_at_ms, posture, reported_at_ms, repeats) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const none = "hash = NULL, epoch = NULL, seq = NULL, sent_at_ms = NULL";
  const dropBase = db.prepare(`UPDATE told SET ${none} WHERE look = ?`);
  const dropBaseAt = db.prepare(`UPDATE told SET ${none} WHERE look = ? AND epoch = ? AND seq = ?`);
  const dropBases = db.prepare(`UPDATE told SET ${none}`);
  const forget = db.prepare("DELETE FROM told WHERE look = ?");

  return {
    get(look: string): Told | undefined {
      const row = one.get(look) as unknown as ToldRow | undefined;
      return row === undefined ? undefined : toldOf(row);
    },
    all: () => (all.all() as unknown as ToldRow[]).map((r) => [r.look, toldOf(r)] as const),
    /** @param seq of the observation that tells it */
    put(look: string, draft: ToldDraft, epoch: string, seq: number): void {
      const t = settle(draft, epoch, seq);
      const { base } = t;
      put.run(
        look,
        t.outcome,
        t.fault,
        base?.hash ?? null,
        base?.epoch ?? null,
        base?.seq ?? null,
        base?.sentAtMs ?? null,
        t.posture ?? null,
        t.reportedAtMs,
        t.repeats,
      );
    },
    dropBase: (look: string) => void dropBase.run(look),
    /** Only where that very observation is the base. */
    dropBaseAt: (look: string, epoch: string, seq: number) => void dropBaseAt.run(look, epoch, seq),
    dropBases: () => void dropBases.run(),
    forget: (look: string) => void forget.run(look),
  };
}
