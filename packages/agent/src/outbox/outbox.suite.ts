/** What every outbox must do: run by outbox.test.ts on each implementation. */
import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { ObservationSchema, Outcome, ReceiptSchema } from "@vedette/proto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confirmation, contents, entry, full, gaps, HASH, unexplained } from "../testing/outbox.ts";
import {
  BATCH_BYTES,
  BATCH_OBSERVATIONS,
  FRAME_BYTES,
  ObservationTooLargeError,
  type Outbox,
  OutboxFullError,
  RANK,
  type Rank,
} from "./outbox.ts";

export interface SuiteOptions {
  readonly now?: () => number;
  readonly monotonic?: () => number;
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  readonly seqLimit?: number;
}

const receipt = (epoch: string, r: MessageInitShape<typeof ReceiptSchema>) => create(ReceiptSchema, { ...r, epoch });

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
      expect(outbox.size()).toEqual({ depth: 0, bytes: 0, refused: 0, dropped: 0 });
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

    test("what is kept when a new epoch begins stays what it was, and facts go out again", () => {
      const outbox = make({});
      outbox.append([entry("a", "a"), entry("b", "b")]);
      const old = outbox.epoch.id;
      outbox.append([confirmation("b", old, 2)]);
      expect(outbox.apply(receipt(old, { stored: [{ first: 1, last: 1 }], renewEpoch: true }))).toMatchObject({
        removed: 1,
        epochRenewed: true,
      });
      expect(outbox.epoch.id).not.toBe(old);
      expect(outbox.told("b")?.base).toBeUndefined();
      expect(outbox.append([entry("c", "c")])).toEqual([1]);
      // Two epochs never share a batch.
      const first = outbox.batch(0);
      expect(first).toMatchObject({ epoch: { id: old }, first: 2, last: 3 });
      expect((first?.observations ?? []).map((b) => fromBinary(ObservationSchema, b)).map((o) => [o.seq, o.body.case])).toEqual([
        [2, "facts"],
        [3, "confirm"],
      ]);
      expect(outbox.batch(first?.end ?? 0)).toMatchObject({ epoch: { id: outbox.epoch.id }, first: 1, last: 1 });
      // A receipt covers no more than its own epoch has, and renews one only once.
      expect(outbox.apply(receipt(old, { stored: [{ first: 3, last: 100 }], renewEpoch: true }))).toMatchObject({
        removed: 1,
        epochRenewed: false,
      });
      expect(contents(outbox)).toEqual([
        [2, "b"],
        [1, "c"],
      ]);
      outbox.close();
    });

    test("what is given up after a new epoch began is named in the epoch that it has", () => {
      const outbox = make({ maxBytes: 300_000 });
      const old = outbox.epoch.id;
      outbox.append([entry("a", "lo", 100_000), entry("b", "lo", 1)]);
      outbox.renewEpoch();
      while (outbox.size().dropped < 3) outbox.append([entry("c", "lo", 60_000)]);
      expect(gaps(outbox).map((g) => [g.epoch, g.ranges[0]?.first])).toContainEqual([old, 1]);
      expect(gaps(outbox).find((g) => g.epoch === outbox.epoch.id)?.ranges[0]?.first).toBe(1);
      outbox.close();
    });

    test("begins a new epoch before its seqs end", () => {
      const outbox = make({ seqLimit: 3 });
      const old = outbox.epoch.id;
      outbox.append([entry("a"), entry("b"), entry("c")]);
      outbox.apply(receipt(old, { stored: [{ first: 1, last: 2 }] }));
      expect(outbox.append([entry("d")])).toEqual([1]);
      expect(outbox.epoch.id).not.toBe(old);
      outbox.close();
    });

    test("without room it gives up confirmations first, then other outcomes, then changes, each oldest first, and names them all", () => {
      const outbox = make({ maxBytes: 4_000_000, now: () => 77 });
      const ranks = [RANK.change, RANK.outcome, RANK.confirmation] as const;
      const keptRanks = () => Map.groupBy(contents(outbox), ([, name]) => name);
      let n = 0;
      const more = () => outbox.append([entry(`l${n}`, `rank ${ranks[n % 3]}`, 4_000, ranks[n++ % 3])]);
      while (outbox.size().dropped === 0) more();
      const lastChange = () => keptRanks().get("rank 2")?.length;
      expect(keptRanks().get("rank 1")?.length).toBeGreaterThanOrEqual((lastChange() ?? 0) - 1);
      expect(keptRanks().get("rank 0")?.length).toBeLessThan(lastChange() ?? 0);
      const [first] = gaps(outbox);
      expect(first).toMatchObject({ reason: "size", epoch: outbox.epoch.id, outcomes: 0, changes: 0, fromWallMs: 77, toWallMs: 77 });
      expect(first?.ranges[0]).toEqual({ first: 3, last: 3 });
      expect(first?.ranges.at(-1)?.first).toBe((first?.confirmations ?? 0) * 3);
      // Full of changes, it gives up the oldest of them: and their looks tell their facts again.
      outbox.append([entry("oldest", "rank 2")]);
      for (let i = 0; outbox.told("oldest")?.base !== undefined; i++) outbox.append([entry(`c${i % 50}`, "rank 2", 60_000)]);
      expect([...keptRanks().keys()].toSorted()).toEqual(["", "rank 2"]);
      expect(unexplained(outbox)).toEqual([]);
      const told = gaps(outbox);
      expect(told.reduce((sum, g) => sum + g.confirmations + g.outcomes + g.changes, 0)).toBe(outbox.size().dropped);
      expect(outbox.size()).toMatchObject({ refused: 0, depth: contents(outbox).length });
      outbox.close();
    });

    test("what is worth less than all that is kept is refused, counted, and told when there is room", () => {
      const outbox = full(() => make({ maxBytes: 300_000, now: () => 9 }));
      const less = entry("less", "lo", 16_000, RANK.confirmation);
      expect(() => outbox.append([less])).toThrow(OutboxFullError);
      expect(outbox.size()).toMatchObject({ refused: 1, dropped: 0 });
      expect(outbox.told("less")).toBeUndefined();
      const { end: last } = outbox;
      expect(() => outbox.append([less])).toThrow(OutboxFullError);
      expect(outbox.end).toBe(last);
      outbox.apply(receipt(outbox.epoch.id, { stored: [{ first: 1, last }] }));
      expect(outbox.append([less])).toEqual([last + 1]);
      expect(gaps(outbox)).toEqual([
        { reason: "disk-full", epoch: "", ranges: [], confirmations: 2, outcomes: 0, changes: 0, fromWallMs: 9, toWallMs: 9 },
      ]);
      outbox.append([less]);
      expect(gaps(outbox)).toHaveLength(1);
      outbox.close();
    });

    test("gives up what is too old by the running time, whatever the wall clock does", () => {
      let wall = 1_000;
      let running = 0;
      const outbox = make({ now: () => wall, monotonic: () => running, maxAgeMs: 3600_000 });
      outbox.append([entry("a", "a")]);
      wall += 365 * 86_400_000;
      running += 1800_000;
      outbox.append([entry("b", "b")]);
      expect(outbox.size().dropped).toBe(0);
      running += 1800_001;
      outbox.append([entry("c", "c")]);
      expect(contents(outbox).map(([, name]) => name)).toEqual(["b", "", "c"]);
      expect(gaps(outbox)).toEqual([
        {
          reason: "age",
          epoch: outbox.epoch.id,
          ranges: [{ first: 1, last: 1 }],
          confirmations: 0,
          outcomes: 0,
          changes: 1,
          fromWallMs: 1_000,
          toWallMs: 1_000,
        },
      ]);
      outbox.close();
    });

    test("explains every seq of its epoch under any load, receipts apart", () => {
      const load = fc.array(fc.tuple(fc.constantFrom(0, 1, 2) as fc.Arbitrary<Rank>, fc.integer({ min: 0, max: 16_000 })), {
        minLength: 30,
        maxLength: 120,
      });
      fc.assert(
        fc.property(load, (entries) => {
          const outbox = make({ maxBytes: 262_144 });
          for (const [rank, size] of entries) {
            try {
              outbox.append([entry("l", "lo", size, rank)]);
            } catch (cause) {
              if (!(cause instanceof OutboxFullError)) throw cause;
            }
          }
          expect(unexplained(outbox)).toEqual([]);
          expect(outbox.size().depth).toBe(contents(outbox).length);
          outbox.close();
        }),
        { numRuns: 10 },
      );
    });

    test("changes are read apart from what lies between them", () => {
      const outbox = make({});
      outbox.append([entry("a"), entry("b"), entry("c", "lo", 0, RANK.confirmation), entry("d")]);
      expect(outbox.changes(0)).toMatchObject({ first: 1, last: 2 });
      expect(outbox.changes(2)).toMatchObject({ first: 4, last: 4 });
      expect(outbox.changes(4)).toBeUndefined();
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
          let model: { epoch: string; seq: number; name: string }[] = [];
          let next = 1;
          let name = 0;
          for (const c of commands) {
            if (c.kind === "append") {
              const names = Array.from({ length: c.count }, () => `n${name++}`);
              expect(outbox.append(names.map((n) => entry(n, n)))).toEqual(names.map((_, i) => next + i));
              for (const n of names) model.push({ epoch: outbox.epoch.id, seq: next++, name: n });
            } else if (c.kind === "receipt") {
              const range = { first: c.first, last: c.first + c.length };
              const covers = c.reject ? { rejected: [{ range, reason: "r" }] } : { stored: [range] };
              const epoch = c.foreign ? "f".repeat(32) : (model[c.first % Math.max(1, model.length)]?.epoch ?? outbox.epoch.id);
              outbox.apply(receipt(epoch, covers));
              model = model.filter((m) => m.epoch !== epoch || m.seq < range.first || m.seq > range.last);
            } else {
              outbox.renewEpoch();
              next = 1;
            }
            expect(outbox.size().depth).toBe(model.length);
          }
          expect(contents(outbox)).toEqual(model.map((m) => [m.seq, m.name]));
          outbox.close();
        }),
        { numRuns: 60 },
      );
    });
  });
}
