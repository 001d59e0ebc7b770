import dnsPacket, { type Answer } from "dns-packet";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../../net/wire-error.ts";
import { RecordCache, splitInstance } from "./cache.ts";
import { decodeAnswer, encodeQuery } from "./wire.ts";

const RUNS = { numRuns: 1000 };
const label = fc.stringMatching(/^[a-zA-Z0-9 ()-]{1,20}$/).filter((l) => l.trim() === l && !l.includes("  "));

const answers: Answer[] = [
  { name: "_rtsp._tcp.local", type: "PTR", ttl: 4500, data: "Cam._rtsp._tcp.local" },
  { name: "Cam._rtsp._tcp.local", type: "SRV", ttl: 120, data: { port: 554, target: "cam.local" } },
  { name: "Cam._rtsp._tcp.local", type: "TXT", ttl: 4500, data: ["b=2", "a=1", ""] },
  { name: "cam.local", type: "A", ttl: 120, data: "198.18.0.7" },
];
const whole = dnsPacket.encode({ type: "response", id: 0, flags: dnsPacket.AUTHORITATIVE_ANSWER, answers });

test("any bytes give records, nothing, or a WireError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      try {
        decodeAnswer(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});

test("a message with bytes turned or cut never breaks decoder or cache", () => {
  fc.assert(
    fc.property(fc.nat(whole.length), fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), (end, turns) => {
      const bytes = Uint8Array.from(whole);
      for (const [at, value] of turns) bytes[at] = value;
      try {
        const cache = new RecordCache();
        cache.add(decodeAnswer(bytes.subarray(0, end)) ?? [], 0);
        expect(cache.services().length).toBeLessThanOrEqual(2);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    RUNS,
  );
});

test("records come back as another library wrote them", () => {
  fc.assert(
    fc.property(label, fc.nat(65_535), fc.integer({ min: 1, max: 4500 }), (instance, port, ttl) => {
      const name = `${instance}._http._tcp.local`;
      const bytes = dnsPacket.encode({
        type: "response",
        id: 0,
        flags: 0,
        answers: [{ name, type: "SRV", ttl, flush: true, data: { port, target: "h.local" } }],
      });
      expect(decodeAnswer(bytes)).toEqual([{ name, ttlS: ttl, flush: true, type: "SRV", port, target: "h.local" }]);
      expect(splitInstance(name)).toEqual({ instance, type: "_http._tcp" });
    }),
    RUNS,
  );
});

test("questions are read back by another library, dots within a label included", () => {
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 5 }), fc.nat(65_535), (labels, id) => {
      const decoded = dnsPacket.decode(Buffer.from(encodeQuery(id, [{ labels, type: "SRV" }])));
      expect(decoded).toMatchObject({ type: "query", id, questions: [{ name: labels.join("."), type: "SRV", class: "IN" }] });
    }),
    RUNS,
  );
  expect(
    Buffer.from(encodeQuery(1, [{ labels: ["a.b", "local"], type: "PTR" }]))
      .subarray(12)
      .toString("hex"),
  ).toBe("03612e62056c6f63616c00000c0001");
  expect(() => encodeQuery(1, [{ labels: ["x".repeat(64)], type: "PTR" }])).toThrow(RangeError);
});

test("a question is no answer; a message over 9,000 bytes is malformed", () => {
  expect(decodeAnswer(encodeQuery(1, [{ labels: ["local"], type: "PTR" }]))).toBeUndefined();
  expect(() => decodeAnswer(new Uint8Array(9_001))).toThrow(WireError);
});

test("a packet of names that all point into each other costs little", () => {
  const bomb = Buffer.alloc(9_000);
  bomb.writeUInt16BE(0x8400, 2);
  bomb.writeUInt16BE(500, 6);
  for (let at = 12; at < 8_998; at += 2) bomb.writeUInt16BE(0xc000 | Math.max(at - 2, 12), at);
  const started = performance.now();
  for (let i = 0; i < 50; i++) expect(() => decodeAnswer(bomb)).toThrow(WireError);
  expect(performance.now() - started).toBeLessThan(2000);
});
