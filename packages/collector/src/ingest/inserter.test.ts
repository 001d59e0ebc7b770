import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { PendingRow } from "../store/observation-row.ts";
import { BadRowsError, Inserter, type InserterOptions, NotStoredError } from "./inserter.ts";

class BadRow extends Error {}

const row = (seq: number) => ({ seq, facts: "", posture: "", volatile: "", evidence: "" }) as PendingRow;
const rows = (...seqs: number[]) => seqs.map(row);

interface Insert {
  readonly seqs: number[];
  readonly storedAt: number;
}

function setup(answer: (insert: Insert, nth: number) => Promise<void> | void, more: Partial<InserterOptions> = {}) {
  const inserts: Insert[] = [];
  const stored: number[] = [];
  const clock = { ms: 1_000_000 };
  const inserter = new Inserter({
    now: () => clock.ms,
    sink: {
      async insert(list, storedAt) {
        const insert = { seqs: list.map((r) => r.seq), storedAt };
        inserts.push(insert);
        await answer(insert, inserts.length);
      },
      isBadRow: (error) => error instanceof BadRow,
    },
    onStored: (list) => stored.push(...list.map((r) => r.seq)),
    onFailed: () => undefined,
    maxAgeMs: 5,
    firstDelayMs: 1,
    ...more,
  });
  return { inserter, inserts, stored, clock };
}

describe("inserter", () => {
  it("makes one insert of what comes within its age", async () => {
    const { inserter, inserts, stored } = setup(() => undefined);
    await Promise.all([inserter.submit(rows(1, 2)), inserter.submit(rows(3))]);
    expect(inserts.map((i) => i.seqs)).toEqual([[1, 2, 3]]);
    expect(stored).toEqual([1, 2, 3]);
  });

  it("does not wait once there are enough rows, and gathers while an insert runs", async () => {
    const { inserter, inserts } = setup(() => sleep(10), { maxRows: 2, maxAgeMs: 60_000 });
    await Promise.all([1, 2, 3, 4, 5, 6].map((seq) => inserter.submit(rows(seq))));
    expect(inserts.map((i) => i.seqs)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it("does not put more bytes into one insert than the store has memory for", async () => {
    const { inserter, inserts } = setup(() => sleep(10), { maxBytes: 10_000 });
    const large = (seq: number) => [{ ...row(seq), facts: "x".repeat(6_000) }];
    await Promise.all([inserter.submit(large(1)), inserter.submit(large(2)), inserter.submit(large(3)), inserter.submit(rows(4))]);
    expect(inserts.map((i) => i.seqs)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("gives each tenant its turn, however much one of them sends", async () => {
    const order: string[][] = [];
    const inserter = new Inserter({
      now: () => 1_000_000,
      sink: {
        async insert(list) {
          order.push(list.map((r) => r.tenant));
        },
        isBadRow: () => false,
      },
      onStored: () => undefined,
      onFailed: () => undefined,
      maxRows: 4,
      maxAgeMs: 5,
    });
    const send = (tenant: string) => inserter.submit([{ ...row(1), tenant }]);
    const flood = Array.from({ length: 40 }, () => send("flood"));
    const calm = ["calm", "calm", "other"].map(send);
    await Promise.all([...flood, ...calm]);
    // Two inserts were under way before the others came; the third has a row of each.
    expect(order[0]).toEqual(["flood", "flood", "flood", "flood"]);
    expect(order[1]).toEqual(["flood", "flood", "flood", "flood"]);
    expect(order[2]).toEqual(["flood", "calm", "other", "flood"]);
    expect(order[3]?.[0]).toBe("calm");
    expect(order.flat().filter((tenant) => tenant === "flood").length).toBe(40);
  });

  it("makes a second insert ready beside the first only where it is full", async () => {
    const sizes: number[] = [];
    let [underWay, most] = [0, 0];
    const inserter = new Inserter({
      now: () => 1_000_000,
      sink: {
        async insert(list) {
          sizes.push(list.length);
          most = Math.max(most, ++underWay);
          await new Promise((resolve) => setTimeout(resolve, 20));
          underWay--;
        },
        isBadRow: () => false,
      },
      onStored: () => undefined,
      onFailed: () => undefined,
      maxRows: 4,
      maxAgeMs: 1,
    });
    const send = (n: number) => Array.from({ length: n }, (_, i) => inserter.submit([row(i)]));
    const some = send(1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await Promise.all([...some, ...send(3)]);
    expect({ sizes, most }).toEqual({ sizes: [1, 3], most: 1 });
    const many = send(16);
    expect(inserter.isBehind).toBe(true);
    await Promise.all(many);
    expect({ sizes, most }).toEqual({ sizes: [1, 3, 4, 4, 4, 4], most: 2 });
    expect(inserter.isBehind).toBe(false);
  });

  it("inserts again, under the same storage time, until it is confirmed", async () => {
    const { inserter, inserts } = setup((_, nth) => {
      if (nth < 4) throw new Error("no answer");
    });
    await inserter.submit(rows(1));
    expect(inserts.map((i) => i.storedAt)).toEqual([1_000_000, 1_000_000, 1_000_000, 1_000_000]);
  });

  it("takes a new storage time when five minutes are over, also for an insert that was only slow", async () => {
    const { inserter, inserts, clock } = setup((_, nth) => {
      if (nth === 1) {
        clock.ms += 301_000;
        throw new Error("no answer");
      }
      if (nth === 2) clock.ms += 301_000;
    });
    await inserter.submit(rows(1));
    expect(inserts.map((i) => i.storedAt)).toEqual([1_000_000, 1_301_000, 1_602_000]);
  });

  it("finds the message whose rows are bad and stores its neighbours", async () => {
    const { inserter, stored } = setup(({ seqs }) => {
      if (seqs.includes(2)) throw new BadRow();
    });
    const results = await Promise.allSettled([1, 2, 3].map((seq) => inserter.submit(rows(seq))));
    expect(results.map((r) => r.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: expect.any(BadRowsError) });
    expect(stored).toEqual([1, 3]);
  });

  it("gives up only when closed, and says that nothing was stored", async () => {
    const { inserter, inserts, stored } = setup(() => Promise.reject(new Error("down")), { firstDelayMs: 60_000 });
    const submitted = inserter.submit(rows(1));
    await vi.waitFor(() => expect(inserts).toHaveLength(1));
    await inserter.close();
    await expect(submitted).rejects.toBeInstanceOf(NotStoredError);
    await expect(inserter.submit(rows(2))).rejects.toBeInstanceOf(NotStoredError);
    expect(stored).toEqual([]);
  });

  it("closes also while rows wait for their age", async () => {
    const { inserter } = setup(() => undefined, { maxAgeMs: 60_000 });
    const submitted = inserter.submit(rows(1));
    await inserter.close();
    await expect(submitted).rejects.toBeInstanceOf(NotStoredError);
  });
});
