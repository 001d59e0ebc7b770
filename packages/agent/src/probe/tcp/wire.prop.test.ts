import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_FIRST_BYTES, readFirstBytes } from "./wire.ts";

test("any bytes give a greeting of printable ASCII", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MAX_FIRST_BYTES + 20 }), (bytes) => {
      const { banner } = readFirstBytes(bytes);
      expect(banner).toMatch(/^[\x20-\x7e]{0,128}$/);
    }),
    { numRuns: 1000 },
  );
});

test("text that looks like telnet, with its options cut anywhere, stays within bounds", () => {
  const parts = fc.constantFrom("\xff", "\xff\xfa", "\xff\xf0", "\xff\xfb\x01", "login: ", "\r\n", "$", "#", "BusyBox", " > ", "12:00:01 ");
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 120 }), (text) => {
      const { banner } = readFirstBytes(Buffer.from(text.join(""), "latin1"));
      expect(banner.length).toBeLessThanOrEqual(128);
    }),
    { numRuns: 1000 },
  );
});
