import { generateKeyPairSync, sign } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { PolicySchema, SignedPolicySchema } from "@vedette/proto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ceiling, openPolicy, PolicyError, stand, TIERS } from "./policy.ts";

const CEILING: Ceiling = { scope: ["192.0.2.0/25", "198.51.100.7/32"], exclude: ["192.0.2.9/32"], tier: "polite" };
const policy = (p: MessageInitShape<typeof PolicySchema>) => create(PolicySchema, { version: 1, ...p });

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const spki = publicKey.export({ format: "der", type: "spki" });

test("a signed policy opens; a changed one, and one of another key, do not", () => {
  const bytes = toBinary(PolicySchema, policy({ tenant: "t" }));
  const signed = create(SignedPolicySchema, { policy: bytes, signature: sign(null, bytes, privateKey) });
  expect(openPolicy(signed, spki).tenant).toBe("t");
  expect(() => openPolicy({ ...signed, policy: Uint8Array.of(...bytes, 0x08, 2) }, spki)).toThrow(PolicyError);
  expect(() => openPolicy(signed, generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }))).toThrow(PolicyError);
});

test("without a policy the config stands", () => {
  const s = stand(CEILING);
  expect(s.scope.allows("192.0.2.1")).toBe(true);
  expect(s.scope.allows("192.0.2.9")).toBe(false);
  expect(s.scope.allows("192.0.2.1", 9100)).toBe(false);
  expect(s).toMatchObject({ version: 0, tier: "polite", confirmMs: 3600_000, budget: { sitePerSecond: 200, hostPerSecond: 10 } });
});

test("a policy narrows the scope to what lies in both", () => {
  const s = stand(
    CEILING,
    policy({ scope: ["192.0.2.64/26", "198.51.100.0/24", "203.0.113.0/24"], exclude: ["192.0.2.70/32"], excludePorts: [8000] }),
  );
  expect(s.scope.allows("192.0.2.65")).toBe(true);
  expect(s.scope.allows("192.0.2.1")).toBe(false);
  expect(s.scope.allows("198.51.100.7")).toBe(true);
  expect(s.scope.allows("198.51.100.8")).toBe(false);
  expect(s.scope.allows("203.0.113.1")).toBe(false);
  expect(s.scope.allows("192.0.2.70")).toBe(false);
  expect(s.scope.allows("192.0.2.65", 8000)).toBe(false);
});

test("a policy that shares nothing with the config leaves nothing to look at", () => {
  expect([...stand(CEILING, policy({ scope: ["203.0.113.0/24"] })).scope.hosts()]).toEqual([]);
});

test("whatever a policy says, nothing outside the config is allowed and no higher tier", () => {
  const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`);
  const own = stand(CEILING);
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 4 }), fc.constantFrom("", "no such tier", ...TIERS), fc.ipV4(), (scope, tier, address) => {
      // Reserved and multicast ranges are refused as a scope; that is another test's subject.
      fc.pre(scope.every((c) => !/^(0|22[4-9]|2[3-5]\d)\./.test(c)));
      const s = stand(CEILING, policy({ scope, tier }));
      if (s.scope.allows(address)) expect(own.scope.allows(address)).toBe(true);
      expect(TIERS.indexOf(s.tier)).toBeLessThanOrEqual(TIERS.indexOf(own.tier));
      for (const host of s.scope.hosts()) expect(own.scope.allows(host)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("a budget of the policy holds up to the config's own ceiling", () => {
  const asked = policy({ budget: { sitePerSecond: 500, hostPerSecond: 50, hostConcurrent: 4 } });
  expect(stand(CEILING).budget.hostConcurrent).toBe(1);
  expect(stand(CEILING, asked).budget).toMatchObject({ sitePerSecond: 500, hostPerSecond: 50, hostConcurrent: 4 });
  const ceiling = { ...CEILING, budget: { hostPerSecond: 5, hostConcurrent: 2 } };
  expect(stand(ceiling, asked).budget).toMatchObject({ sitePerSecond: 500, hostPerSecond: 5, hostConcurrent: 2 });
});
