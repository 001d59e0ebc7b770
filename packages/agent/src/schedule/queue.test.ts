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
  expect(q.nextDueMs(0)).toBe(1000);
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

test("it does what a scan over a list would, whatever is put, moved, removed and taken", () => {
  const key = fc.constantFrom(..."abcdefghij");
  const command = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), key, inMs: fc.nat(50), urgency: fc.nat(3) }),
    fc.record({ kind: fc.constant("hasten" as const), key, inMs: fc.nat(50), urgency: fc.nat(3) }),
    fc.record({ kind: fc.constant("remove" as const), key }),
    fc.record({ kind: fc.constant("take" as const), except: key, afterMs: fc.nat(20), withBulk: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
      const q = createDueQueue<string>((item) => item < "d");
      let model: { key: string; item: string; dueMs: number; urgency: number }[] = [];
      let now = 0;
      for (const c of commands) {
        const known = model.find((e) => "key" in c && e.key === c.key);
        if (c.kind === "take") {
          now += c.afterMs;
          const passing = model.filter((e) => e.dueMs <= now && e.item !== c.except && (c.withBulk || e.item >= "d"));
          const [best] = passing.toSorted((a, b) => a.urgency - b.urgency || a.dueMs - b.dueMs);
          const taken = q.take(now, (item) => item !== c.except, c.withBulk);
          expect([taken?.urgency, taken?.dueMs]).toEqual([best?.urgency, best?.dueMs]);
          model = model.filter((e) => e.key !== taken?.key);
        } else if (c.kind === "hasten") {
          expect(q.hasten(c.key, now + c.inMs, c.urgency)).toBe(known !== undefined);
          if (known !== undefined) {
            known.dueMs = Math.min(known.dueMs, now + c.inMs);
            known.urgency = Math.min(known.urgency, c.urgency);
          }
        } else {
          model = model.filter((e) => e !== known);
          if (c.kind === "remove") q.remove(c.key);
          else {
            model.push({ key: c.key, item: c.key, dueMs: now + c.inMs, urgency: c.urgency });
            q.put({ key: c.key, item: c.key, dueMs: now + c.inMs, urgency: c.urgency });
          }
        }
        expect(q.size).toBe(model.length);
        expect(q.dueCount(now)).toBe(model.filter((e) => e.dueMs <= now).length);
        for (const item of ["a", "j"])
          expect(q.hasDue(now, (is) => is === item)).toBe(item === "j" && model.some((e) => e.dueMs <= now && e.item === item));
        const later = model.filter((e) => e.dueMs > now).map((e) => e.dueMs);
        expect(q.nextDueMs(now)).toBe(later.length === 0 ? undefined : Math.min(...later));
      }
    }),
  );
});
