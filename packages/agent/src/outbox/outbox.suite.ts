/** What every outbox must do: run by outbox.test.ts on each implementation. */
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { ObservationSchema, Outcome, ReceiptSchema } from "@vedette/proto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BATCH_BYTES,
  BATCH_OBSERVATIONS,
  type Draft,
  type Entry,
  FRAME_BYTES,
  ObservationTooLargeError,
  type Outbox,
  OutboxFullError,
} from "./outbox.ts";

export interface SuiteOptions {
  readonly now?: () => number;
  readonly maxBytes?: number;
  readonly seqLimit?: number;
}

const HASH = new Uint8Array(32).fill(7);

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

export function entry(look: string, name = "lo", evidenceBytes = 0): Entry {
  return {
    look,
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

function confirmation(look: string, epoch: string, seq: number): Entry {
  return {
    look,
    draft: { probe: "http.root", body: { case: "confirm", value: { hash: HASH, epoch, seq, intervalMs: 1000 } } },
    told: { outcome: Outcome.IDENTIFIED, fault: "", base: { hash: HASH, epoch, seq, sentAtMs: 5 }, reportedAtMs: 6, repeats: 2 },
  };
}

const receipt = (epoch: string, r: MessageInitShape<typeof ReceiptSchema>) => create(ReceiptSchema, { ...r, epoch });

/** Everything kept, as [seq, interface], read as the publisher does. */
function contents(outbox: Outbox): [number, string][] {
  const all: [number, string][] = [];
  for (let after = 0; ; ) {
    const batch = outbox.batch(after);
    if (batch === undefined) return all;
    expect(batch.epoch.id).toBe(outbox.epoch.id);
    expect(batch.last - batch.first + 1).toBe(batch.observations.length);
    for (const bytes of batch.observations) {
      const o = fromBinary(ObservationSchema, bytes);
      all.push([o.seq, o.interface]);
    }
    after = batch.last;
  }
}

export function outboxSuite(name: string, make: (options: SuiteOptions) => Outbox): void {
  describe(name, () => {
    test("numbers from 1 without a gap and stamps the epoch", () => {
      const outbox = make({ now: () => 1234 });
      expect(outbox.epoch).toMatchObject({ createdMs: 1234 });
      expect(outbox.epoch.id).toMatch(/^[0-9a-f]{32}$/);
      expect(outbox.append([entry("a", "a"), entry("b", "b")])).toEqual([1, 2]);
      expect(outbox.append([entry("c", "c")])).toEqual([3]);
      expect(contents(outbox)).toEqual([
        [1, "a"],
        [2, "b"],
        [3, "c"],
      ]);
      expect(outbox.size()).toMatchObject({ depth: 3, oldestMs: 1234, refused: 0 });
      outbox.close();
    });

    test("a batch holds at most 500 observations and 256 KiB", () => {
      const outbox = make({});
      outbox.append(Array.from({ length: BATCH_OBSERVATIONS + 1 }, (_, i) => entry(`l${i}`)));
      expect(outbox.batch(0)).toMatchObject({ first: 1, last: BATCH_OBSERVATIONS });
      expect(outbox.batch(BATCH_OBSERVATIONS)).toMatchObject({ first: BATCH_OBSERVATIONS + 1, last: BATCH_OBSERVATIONS + 1 });
      outbox.append(Array.from({ length: 40 }, (_, i) => entry(`big${i}`, "lo", 16_000)));
      const big = outbox.batch(BATCH_OBSERVATIONS + 1);
      const bytes = (big?.observations ?? []).reduce((sum, o) => sum + o.byteLength + FRAME_BYTES, 0);
      expect(bytes).toBeLessThanOrEqual(BATCH_BYTES);
      expect(bytes).toBeGreaterThan(BATCH_BYTES - 20_000);
      outbox.close();
    });

    test("an observation that no batch can carry is refused and uses no seq", () => {
      const outbox = make({});
      expect(() => outbox.append([entry("a"), entry("b", "lo", BATCH_BYTES)])).toThrow(ObservationTooLargeError);
      expect(outbox.append([entry("a")])).toEqual([1]);
      outbox.close();
    });

    test("only a receipt of this epoch removes, stored and rejected alike, and the rest keeps its seq", () => {
      const outbox = make({});
      outbox.append(["a", "b", "c", "d", "e"].map((l) => entry(l, l)));
      expect(outbox.apply(receipt("0".repeat(32), { stored: [{ first: 1, last: 5 }] })).removed).toBe(0);
      const applied = outbox.apply(
        receipt(outbox.epoch.id, {
          stored: [{ first: 1, last: 2 }],
          rejected: [{ range: { first: 4, last: 4 }, reason: "does not decode" }],
        }),
      );
      expect(applied).toEqual({ removed: 3, needFacts: [], epochRenewed: false });
      expect(contents(outbox)).toEqual([
        [3, "c"],
        [5, "e"],
      ]);
      expect(outbox.append([entry("f", "f")])).toEqual([6]);
      outbox.close();
    });

    test("seqs go on after everything was receipted", () => {
      const outbox = make({});
      outbox.append([entry("a"), entry("b")]);
      outbox.apply(receipt(outbox.epoch.id, { stored: [{ first: 1, last: 2 }] }));
      expect(outbox.size()).toEqual({ depth: 0, bytes: 0, refused: 0 });
      expect(outbox.append([entry("c")])).toEqual([3]);
      outbox.close();
    });

    test("keeps what was told of each look, with the key of its facts", () => {
      const outbox = make({});
      outbox.append([entry("a"), entry("b")]);
      outbox.append([confirmation("b", outbox.epoch.id, 2)]);
      expect(outbox.told("b")).toEqual({
        outcome: Outcome.IDENTIFIED,
        fault: "",
        base: { hash: HASH, epoch: outbox.epoch.id, seq: 2, sentAtMs: 5 },
        reportedAtMs: 6,
        repeats: 2,
      });
      expect(outbox.told("z")).toBeUndefined();
      expect([...outbox.allTold()].map(([look]) => look).sort()).toEqual(["a", "b"]);
      outbox.forget(["a"]);
      expect(outbox.told("a")).toBeUndefined();
      outbox.close();
    });

    test("a receipt that needs facts drops the base of those looks", () => {
      const outbox = make({});
      outbox.append([entry("a"), entry("b")]);
      outbox.append([confirmation("a", outbox.epoch.id, 1)]);
      const applied = outbox.apply(receipt(outbox.epoch.id, { stored: [{ first: 1, last: 3 }], needFacts: [3] }));
      expect(applied).toEqual({ removed: 3, needFacts: ["a"], epochRenewed: false });
      expect(outbox.told("a")?.base).toBeUndefined();
      expect(outbox.told("b")?.base).toBeDefined();
      outbox.close();
    });

    test("a new epoch numbers what is kept anew, confirmations follow their base, and facts go out again", () => {
      const outbox = make({});
      outbox.append([entry("a"), entry("b", "b")]);
      const old = outbox.epoch.id;
      outbox.append([confirmation("b", old, 2), confirmation("a", old, 1)]);
      expect(outbox.apply(receipt(old, { stored: [{ first: 1, last: 1 }], renewEpoch: true }))).toMatchObject({
        removed: 1,
        epochRenewed: true,
      });
      expect(outbox.epoch.id).not.toBe(old);
      const kept = (outbox.batch(0)?.observations ?? []).map((b) => fromBinary(ObservationSchema, b));
      expect(kept.map((o) => o.seq)).toEqual([1, 2, 3]);
      expect(kept[1]?.body.value).toMatchObject({ epoch: outbox.epoch.id, seq: 1 });
      expect(kept[2]?.body.value).toMatchObject({ epoch: old, seq: 1 });
      expect(outbox.told("b")?.base).toBeUndefined();
      expect(outbox.append([entry("c")])).toEqual([4]);
      outbox.close();
    });

    test("begins a new epoch before its seqs end", () => {
      const outbox = make({ seqLimit: 3 });
      const old = outbox.epoch.id;
      outbox.append([entry("a"), entry("b"), entry("c")]);
      outbox.apply(receipt(old, { stored: [{ first: 1, last: 2 }] }));
      expect(outbox.append([entry("d")])).toEqual([2]);
      expect(outbox.epoch.id).not.toBe(old);
      outbox.close();
    });

    test("a full outbox keeps nothing of the append, counts it, and accepts again after receipts", () => {
      const outbox = make({ maxBytes: 600_000 });
      let seq = 0;
      expect(() => {
        for (;;) seq = outbox.append([entry(`l${seq}`, "lo", 16_000)])[0] ?? 0;
      }).toThrow(OutboxFullError);
      expect(seq).toBeGreaterThan(10);
      expect(outbox.size()).toMatchObject({ depth: seq, refused: 1 });
      outbox.apply(receipt(outbox.epoch.id, { stored: [{ first: 1, last: seq - 5 }] }));
      expect(outbox.append([entry("again", "lo", 16_000)])).toEqual([seq + 1]);
      expect(outbox.told(`l${seq}`)).toBeUndefined();
      outbox.close();
    });

    test("behaves like a list of numbered entries under any commands", () => {
      const command = fc.oneof(
        fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 5 }) }),
        fc.record({
          kind: fc.constant("receipt" as const),
          first: fc.nat(40),
          length: fc.nat(8),
          reject: fc.boolean(),
          foreign: fc.boolean(),
        }),
        fc.record({ kind: fc.constant("renew" as const) }),
      );
      fc.assert(
        fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
          const outbox = make({});
          let model: [number, string][] = [];
          let next = 1;
          let name = 0;
          for (const c of commands) {
            if (c.kind === "append") {
              const names = Array.from({ length: c.count }, () => `n${name++}`);
              expect(outbox.append(names.map((n) => entry(n, n)))).toEqual(names.map((_, i) => next + i));
              for (const n of names) model.push([next++, n]);
            } else if (c.kind === "receipt") {
              const range = { first: c.first, last: c.first + c.length };
              const covers = c.reject ? { rejected: [{ range, reason: "r" }] } : { stored: [range] };
              outbox.apply(receipt(c.foreign ? "f".repeat(32) : outbox.epoch.id, covers));
              if (!c.foreign) model = model.filter(([seq]) => seq < range.first || seq > range.last);
            } else {
              outbox.renewEpoch();
              model = model.map(([, n], i) => [i + 1, n]);
              next = model.length + 1;
            }
            expect(outbox.size().depth).toBe(model.length);
          }
          expect(contents(outbox)).toEqual(model);
          outbox.close();
        }),
        { numRuns: 60 },
      );
    });
  });
}
