import fc from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "../../net/challenge.ts";
import { readPage, readRedirect } from "./wire.ts";

const here = { address: "198.18.0.7", port: 80, tls: false };

test("any bytes make a page", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("<title>", "</title>", "<input ", "type=", '"', "'", ">", "password", "&#", "&#99999999;"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (parts) => {
      expect(readPage(Buffer.from(parts.join(""))).title.length).toBeLessThanOrEqual(256);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(readPage(bytes).title.isWellFormed()).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("what may be followed never leaves the endpoint", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (location) => {
      const redirect = readRedirect(302, location, here);
      if (redirect.kind === "same") expect(new URL(redirect.path, "http://198.18.0.7/").pathname).toBeTypeOf("string");
      if (redirect.kind === "same") expect(redirect.path.startsWith("/")).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test("any text gives a sorted list", () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom("Basic ", "realm=", '"', ",", "=", "\\", "Digest "));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      const schemes = parseChallenges([parts.join("")]).map((c) => c.scheme);
      expect(schemes).toEqual([...schemes].sort());
    }),
    { numRuns: 1000 },
  );
});
