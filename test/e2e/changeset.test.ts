/** Where buckets stand, on a real ClickHouse: what is applied, where eras end, and what is refused for having come late. */
import { insertApplied, openEra, readApplied, readClosedTime, readEraMark, readMayApply } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changesetRow, endFirstEra, startTestStack, type TestStack } from "../kit/index.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

const T0 = Date.UTC(2026, 2, 3, 8);
const minute = (n: number) => T0 + n * 60_000;

describe("changesets", () => {
  it("say where buckets stand", async () => {
    await stack.store.insert("changeset", [
      changesetRow(8, 1, 1, minute(1)),
      changesetRow(8, 1, 2, minute(2)),
      changesetRow(9, 1, 1, minute(5)),
    ]);
    expect((await readApplied(stack.store, [8, 9, 10])).get(8)).toMatchObject({ era: 1, seq: 2, recordedAt: minute(2), hash: "8-1-2" });
    expect(await readClosedTime(stack.store, [8, 9])).toBe(minute(2));
    expect(await readClosedTime(stack.store, [8, 10])).toBeNull();
    await endFirstEra(stack.store, 8, minute(6));
    expect((await readApplied(stack.store, [8])).get(8)).toMatchObject({ era: 1, seq: 1 });
  });

  it("end at a place only if nothing was written since, and take nothing beyond it", async () => {
    await stack.store.insert("changeset", [changesetRow(11, 1, 1, minute(1))]);
    const row = { bucket: 11, era: 2, endedEra: 1, endedSeq: 1, reason: "the log is empty", openedAt: minute(3) };
    const stale = await readEraMark(stack.store, 11);
    const applied = { bucket: 11, era: 1, seq: 2, recordedAt: minute(2), derivedThrough: minute(2), code: "1", hash: "h", rowCount: 0 };
    const other = { ...applied, bucket: 12, hash: "other" };
    expect(await insertApplied(stack.store, [applied, other])).toEqual([true, true]);
    expect(await openEra(stack.store, row, stale)).toBe(false);
    expect(await readClosedTime(stack.store, [11])).toBe(minute(2));
    const mark = await readEraMark(stack.store, 11);
    expect(mark).toEqual({ newest: 0, era: 1, seq: 2 });
    expect(await openEra(stack.store, { ...row, endedSeq: 2 }, mark)).toBe(true);
    // A number is used once.
    expect(await openEra(stack.store, { ...row, endedSeq: 2, openedAt: minute(4) }, mark)).toBe(false);
    expect(await stack.store.query("SELECT era, ended_seq, opened_at FROM era WHERE bucket = 11")).toMatchObject([
      { era: 2, ended_seq: 2 },
    ]);
    const late = { ...applied, seq: 3, recordedAt: minute(3), hash: "late" };
    expect(await insertApplied(stack.store, [late, { ...other, seq: 3 }])).toEqual([false, true]);
    expect((await readApplied(stack.store, [11])).get(11)).toMatchObject({ era: 1, seq: 2 });
    expect(await stack.store.query("SELECT bucket FROM changeset WHERE hash = 'late'")).toEqual([]);
    expect(await insertApplied(stack.store, [{ ...applied, era: 2, seq: 1, recordedAt: minute(4) }])).toEqual([true]);
  });

  it("are applied only where nothing else stands at their place or beyond, and no later era is open", async () => {
    const at = (era: number, seq: number, hash = `12-${era}-${seq}`) => ({ bucket: 13, era, seq, hash });
    const may = (...rows: readonly ReturnType<typeof at>[]) => readMayApply(stack.store, rows);
    expect(await may(at(1, 1))).toEqual([true]);
    await stack.store.insert(
      "changeset",
      [1, 2].map((seq) => ({ ...changesetRow(13, 1, seq, minute(seq)), hash: `12-1-${seq}` })),
    );
    expect(await may(at(1, 3), at(1, 2), at(1, 2, "other"), at(1, 1), { ...at(1, 1), bucket: 14 })).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    const mark = await readEraMark(stack.store, 13);
    const row = { bucket: 13, era: 2, endedEra: 1, endedSeq: 2, reason: "the log is empty", openedAt: minute(3) };
    expect(await openEra(stack.store, row, mark)).toBe(true);
    expect(await may(at(1, 3), at(2, 1))).toEqual([false, true]);
  });

  it("never open one era for two that ask at once", async () => {
    for (let bucket = 20; bucket < 40; bucket++) {
      await stack.store.insert("changeset", [changesetRow(bucket, 1, 1, minute(1))]);
      const mark = await readEraMark(stack.store, bucket);
      const open = (openedAt: number) =>
        openEra(stack.store, { bucket, era: 2, endedEra: 1, endedSeq: 1, reason: "the log is empty", openedAt }, mark);
      const opened = await Promise.all([1, 2, 3].map((n) => open(minute(3) + n)));
      expect(opened.filter((isOpen) => isOpen).length).toBeLessThanOrEqual(1);
    }
  });
});
