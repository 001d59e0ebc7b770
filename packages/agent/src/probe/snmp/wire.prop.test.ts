import fc from "fast-check";
import type { Varbind } from "net-snmp";
import { expect, test } from "vitest";
import { fakeDial } from "../../net/fake-dial.ts";
import { element, integer, requestIdOf, response, TAG } from "../../testing/ber.ts";
import { contextFor } from "../../testing/hostile.ts";
import { snmpSystem } from "./probe.ts";
import { IF_COLUMNS, InterfaceWalk, readSystem, SYSTEM } from "./wire.ts";

const RUNS = { numRuns: 1000 };

/** The whole way of hostile bytes: socket, library, values, reading. */
async function readingOf(answer: (request: Buffer) => Uint8Array) {
  const cx = contextFor("192.0.2.1", 2000);
  const dial = fakeDial({ udp: (bytes, port, address) => [{ address, port, bytes: answer(Buffer.from(bytes)) }] }, cx.signal);
  return snmpSystem.run({ address: "192.0.2.1", port: 161 }, { community: "public", answerMs: 5 }, { ...cx, dial });
}

test("any bytes give a reading, never a bug", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      expect((await readingOf(() => bytes)).outcome).toMatch(/^(not-identified|unreachable)$/);
    }),
    RUNS,
  );
}, 60_000);

test("an answer with bytes turned or cut gives a reading, never a bug", async () => {
  const bindings = Object.values(SYSTEM).map((o): [string, Uint8Array] => [o, element(TAG.octets, Buffer.from("abc"))]);
  await fc.assert(
    fc.asyncProperty(fc.nat(220), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 5 }), async (end, turns) => {
      const reading = await readingOf((request) => {
        const bytes = Uint8Array.from(response(requestIdOf(request), 0, bindings));
        for (const [at, value] of turns) if (at < bytes.length) bytes[at] = value;
        return bytes.subarray(0, end);
      });
      expect(reading.fault?.code).not.toBe("bug");
    }),
    RUNS,
  );
}, 60_000);

const value = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((b) => Buffer.from(b)),
  fc.double(),
  fc.string(),
  fc.boolean(),
  fc.constant(undefined),
);
const varbind = fc
  .record({
    column: fc.constantFrom(...IF_COLUMNS, ...Object.values(SYSTEM)),
    index: fc.oneof(fc.integer(), fc.double()),
    type: fc.nat(255),
    value,
  })
  .map(({ column, index, type, value: v }): Varbind => ({ oid: `${column}.${index}`, type, value: v }) as Varbind);

test("any variables give bounded facts, and a walk moves on or ends", () => {
  fc.assert(
    fc.property(fc.array(fc.array(varbind, { maxLength: 30 }), { maxLength: 10 }), (answers) => {
      const walk = new InterfaceWalk(8);
      for (const answer of answers) {
        const before = walk.next;
        walk.take(answer);
        expect(walk.rows.size).toBeLessThanOrEqual(8);
        for (const oid of walk.next) expect(before).not.toContain(oid);
      }
      expect(readSystem(answers.flat()).description.length).toBeLessThanOrEqual(255);
    }),
    RUNS,
  );
});

test("the encoder of these tests is that of X.690", () => {
  expect(Buffer.from(integer(200)).toString("hex")).toBe("020200c8");
  expect(Buffer.from(integer(-1)).toString("hex")).toBe("0201ff");
});
