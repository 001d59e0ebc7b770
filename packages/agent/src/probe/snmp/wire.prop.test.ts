import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../../net/wire-error.ts";
import { BerReader, element, integer, oid, readInteger, readOid, TAG } from "./ber.ts";
import { decodeResponse, encodeGet } from "./wire.ts";

const RUNS = { numRuns: 1000 };
const dotted = fc
  .tuple(fc.constantFrom(0, 1, 2), fc.nat(39), fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 20 }))
  .map(([a, b, rest]) => [a, b, ...rest].join("."));

function response(oids: readonly string[], value: Uint8Array): Uint8Array {
  const bindings = oids.map((o) => element(TAG.sequence, oid(o), value));
  const pdu = element(0xa2, integer(7), integer(0), integer(0), element(TAG.sequence, ...bindings));
  return element(TAG.sequence, integer(1), element(TAG.octets, Buffer.from("public")), pdu);
}

test("any bytes give a response or a WireError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        decodeResponse(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});

test("a response with bytes turned or cut gives a response or a WireError", () => {
  const whole = response(["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.2.2.1.6.1"], element(TAG.octets, Buffer.from("abc")));
  fc.assert(
    fc.property(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 5 }), (end, turns) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, value] of turns) bytes[at] = value;
      try {
        decodeResponse(bytes.subarray(0, end));
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});

test("integers, object identifiers and responses come back as they were written", () => {
  fc.assert(
    fc.property(fc.integer(), (value) => {
      expect(readInteger(new BerReader(integer(value)).expect(TAG.integer))).toBe(value);
    }),
    RUNS,
  );
  fc.assert(
    fc.property(dotted, (text) => {
      expect(readOid(new BerReader(oid(text)).expect(TAG.oid))).toBe(text);
    }),
    RUNS,
  );
  fc.assert(
    fc.property(fc.array(dotted, { maxLength: 10 }), fc.uint8Array({ maxLength: 300 }), (oids, bytes) => {
      const decoded = decodeResponse(response(oids, element(TAG.octets, bytes)));
      expect(decoded.bindings).toEqual(oids.map((o) => ({ oid: o, value: { kind: "octets", bytes: Buffer.from(bytes) } })));
    }),
    RUNS,
  );
});

test("a request is the bytes of RFC 3416", () => {
  expect(Buffer.from(encodeGet("public", 1, ["1.3.6.1.2.1.1.1.0"])).toString("hex")).toBe(
    "302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500",
  );
});
