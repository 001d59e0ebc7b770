/** Outboxes in tests: what goes in, and what is read out of them. */
import { fromBinary } from "@bufbuild/protobuf";
import { decodePosture, GAP, ObservationSchema, Outcome, type Posture } from "@vedette/proto";
import { expect } from "vitest";
import { type Draft, type Entry, type Outbox, RANK, type Rank } from "../outbox/outbox.ts";

/** Of the posture that every entry tells. */
export const HASH = new Uint8Array(32).fill(7);

function draft(interfaceName: string, evidenceBytes = 0): Draft {
  return {
    probe: "http.root",
    probeVersion: 1,
    interface: interfaceName,
    outcome: Outcome.IDENTIFIED,
    body: { case: "facts", value: { posture: Uint8Array.of(1), volatile: new Uint8Array() } },
    evidence: evidenceBytes === 0 ? [] : [{ label: "x", content: new Uint8Array(evidenceBytes) }],
  };
}

/** One look that tells facts. */
export function entry(look: string, name = "lo", evidenceBytes = 0, rank: Rank = RANK.change): Entry {
  return {
    look,
    rank,
    draft: draft(name, evidenceBytes),
    told: {
      outcome: Outcome.IDENTIFIED,
      fault: "",
      base: { hash: HASH, sentAtMs: 5 },
      posture: Uint8Array.of(1),
      reportedAtMs: 5,
      repeats: 1,
    },
  };
}

/** The same look again, which tells that the facts under (epoch, seq) still hold. */
export function confirmation(look: string, epoch: string, seq: number): Entry {
  return {
    look,
    rank: RANK.confirmation,
    draft: { probe: "http.root", body: { case: "confirm", value: { hash: HASH, epoch, seq, intervalMs: 1000 } } },
    told: { outcome: Outcome.IDENTIFIED, fault: "", base: { hash: HASH, epoch, seq, sentAtMs: 5 }, reportedAtMs: 6, repeats: 2 },
  };
}

/** Everything kept, as [seq, interface], read as the publisher does. */
export function contents(outbox: Outbox): [number, string][] {
  const all: [number, string][] = [];
  for (let after = 0; ; ) {
    const batch = outbox.batch(after);
    if (batch === undefined) return all;
    expect(batch.last - batch.first + 1).toBe(batch.observations.length);
    for (const bytes of batch.observations) {
      const o = fromBinary(ObservationSchema, bytes);
      all.push([o.seq, o.interface]);
    }
    after = batch.end;
  }
}

type Gap = Omit<Posture<typeof GAP>, "fromWallMs" | "toWallMs"> & { readonly fromWallMs?: number; readonly toWallMs?: number };

/** The gap records that are kept, oldest first. */
export function gaps(outbox: Outbox): Gap[] {
  const all: Gap[] = [];
  for (let b = outbox.batch(0); b !== undefined; b = outbox.batch(b.end))
    for (const bytes of b.observations) {
      const o = fromBinary(ObservationSchema, bytes);
      if (o.probe === GAP && o.body.case === "facts") all.push(decodePosture(GAP, o.body.value.posture) as Gap);
    }
  return all;
}

/** An outbox that holds as many changes as fit, and not one more. */
export function full(make: () => Outbox): Outbox {
  const trial = make();
  let fits = -1;
  for (; trial.size().dropped === 0; fits++) trial.append([entry("l", "lo", 2_000)]);
  trial.close();
  const outbox = make();
  for (let i = 0; i < fits; i++) outbox.append([entry("l", "lo", 2_000)]);
  return outbox;
}

/** Seqs of the outbox's epoch that are neither kept nor named by a gap record. */
export function unexplained(outbox: Outbox): number[] {
  const explained = new Set(contents(outbox).map(([seq]) => seq));
  for (const g of gaps(outbox))
    for (const r of g.epoch === outbox.epoch.id ? g.ranges : []) for (let seq = r.first; seq <= r.last; seq++) explained.add(seq);
  return Array.from({ length: outbox.end }, (_, i) => i + 1).filter((seq) => !explained.has(seq));
}
