import fc from "fast-check";
import { expect, test } from "vitest";
import { createDueQueue } from "./queue.ts";

const put = (q: ReturnType<typeof createDueQueue<string>>, key: string, dueMs: number, urgency: number) =>
  q.put({ key, item: key, dueMs, urgency });

test("the most urgent due entry goes first, of equals the one that waited longest", () => {
  const q = createDueQueue<string>();
  put(q, "tls", 1, 5);
  put(q, "presence late", 20, 1);
  put(q, "presence early", 10, 1);
  put(q, "not yet", 1000, 0);
  const order = [];
  for (let e = q.take(100); e !== undefined; e = q.take(100)) order.push(e.key);
  expect(order).toEqual(["presence early", "presence late", "tls"]);
  expect(q.nextDueMs()).toBe(1000);
});

test("an entry that may not run now stays", () => {
  const q = createDueQueue<string>();
  put(q, "busy", 1, 0);
  put(q, "free", 2, 9);
  expect(q.take(5, (item) => item !== "busy")?.key).toBe("free");
  expect(q.dueCount(5)).toBe(1);
});

test("hastening never delays, and knows only what is queued", () => {
  const q = createDueQueue<string>();
  put(q, "a", 10, 4);
  expect(q.hasten("a", 50, 0)).toBe(true);
  expect(q.get("a")).toMatchObject({ dueMs: 10, urgency: 0 });
  expect(q.hasten("b", 1, 0)).toBe(false);
});

test("every entry is taken exactly once", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.string(), fc.nat(100), fc.nat(8)), { selector: ([k]) => k }), (entries) => {
      const q = createDueQueue<string>();
      for (const [key, due, urgency] of entries) put(q, key, due, urgency);
      const taken: string[] = [];
      for (let e = q.take(100); e !== undefined; e = q.take(100)) taken.push(e.key);
      expect(taken.sort()).toEqual(entries.map(([k]) => k).sort());
      expect(q.size).toBe(0);
    }),
  );
});
