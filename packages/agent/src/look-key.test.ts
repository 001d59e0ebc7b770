import fc from "fast-check";
import { expect, test } from "vitest";
import { lookKey, parseLookKey } from "./look-key.ts";
import type { LookSubject } from "./run.ts";

const subject: fc.Arbitrary<LookSubject> = fc.oneof(
  fc.record({
    kind: fc.constant("endpoint" as const),
    address: fc.ipV4(),
    transport: fc.constantFrom("tcp" as const, "udp" as const),
    port: fc.integer({ min: 1, max: 65_535 }),
  }),
  fc.record({ kind: fc.constant("host" as const), address: fc.oneof(fc.ipV4(), fc.ipV6()) }),
  // SSIDs are whatever anybody announces.
  fc.record({ kind: fc.constant("bss" as const), bssid: fc.string(), ssid: fc.string({ unit: "binary" }) }),
  fc.constant({ kind: "site" as const }),
);

test("a key is read back as what it was made of", () => {
  fc.assert(
    fc.property(subject, fc.string(), (s, variant) => {
      const key = lookKey({ probe: "wifi.bss", subject: s, outcome: "identified", variant });
      expect(parseLookKey(key)).toEqual({ probe: "wifi.bss", variant, subject: s });
    }),
  );
});

test("a look that could not tell has a key of its own", () => {
  const s: LookSubject = { kind: "host", address: "192.0.2.1" };
  const key = lookKey({ probe: "tcp.connect", subject: s, outcome: "undetermined", variant: "guard" });
  expect(key).not.toBe(lookKey({ probe: "tcp.connect", subject: s, outcome: "identified", variant: "guard" }));
  expect(parseLookKey(key)).toBeUndefined();
});
