import { parseFacts } from "@vedette/proto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withNames, withoutNames } from "./names.ts";
import { COMMON_PORTS, DEBUG_PORTS, EXCLUDED_PORTS, GUARD_PORTS, mayConnect, PRESENCE_PORTS } from "./ports.ts";
import { cipherSuite, groupName, isAes256OrStronger, suiteName, tlsVersionName } from "./tls.ts";
import { REGISTERED_SUITES, SUITE_NAMES } from "./tls-suites.ts";
import { akmName, wifiCipherName } from "./wifi.ts";

// One member of each family and both ends of the long ones, from the RFCs that define them.
test.each([
  [0x0000, "TLS_NULL_WITH_NULL_NULL"],
  [0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"],
  [0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"],
  [0x002b, "TLS_KRB5_EXPORT_WITH_RC4_40_MD5"],
  [0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA"],
  [0x0046, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA"],
  [0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"],
  [0x0095, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA"],
  [0x00ad, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384"],
  [0x00b9, "TLS_RSA_PSK_WITH_NULL_SHA384"],
  [0x00c7, "TLS_SM4_CCM_SM3"],
  [0x1305, "TLS_AES_128_CCM_8_SHA256"],
  [0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"],
  [0xc022, "TLS_SRP_SHA_DSS_WITH_AES_256_CBC_SHA"],
  [0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
  [0xc03b, "TLS_ECDHE_PSK_WITH_NULL_SHA384"],
  [0xc071, "TLS_ECDHE_PSK_WITH_ARIA_256_CBC_SHA384"],
  [0xc09b, "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384"],
  [0xc0ab, "TLS_PSK_DHE_WITH_AES_256_CCM_8"],
  [0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"],
  [0xc0b5, "TLS_SHA384_SHA384"],
  [0xc106, "TLS_GOSTR341112_256_WITH_MAGMA_MGM_S"],
  [0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256"],
  [0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"],
])("suite %i is %s", (id, name) => {
  expect(REGISTERED_SUITES.get(id)).toBe(name);
});

test("the registry is whole: no number twice, none misplaced", () => {
  expect(REGISTERED_SUITES.size).toBeGreaterThanOrEqual(350);
  expect(new Set(REGISTERED_SUITES.values()).size).toBe(REGISTERED_SUITES.size);
  for (const id of REGISTERED_SUITES.keys()) expect(id).toBeLessThanOrEqual(0xffff);
});

test("every suite that encrypts has a strength", () => {
  for (const [id, name] of SUITE_NAMES) {
    const silent = /NULL|SCSV|SHA256_SHA256|SHA384_SHA384/.test(name);
    expect(cipherSuite(id).strengthBits > 0, name).toBe(!silent);
  }
});

test.each([
  [0xc030, true, 256, "ECDHE_RSA"],
  [0x009d, false, 256, "RSA"],
  [0x1301, true, 128, "any"],
  [0x0019, true, 40, "DH_anon"],
  [0x000a, false, 112, "RSA"],
  [0xc0ab, true, 256, "PSK_DHE"],
  [0x00a9, false, 256, "PSK"],
  [0x010080, false, 128, "RSA"],
])("suite %i: forward secrecy %s, %i bits", (id, forwardSecret, strengthBits, keyExchange) => {
  expect(cipherSuite(id)).toMatchObject({ forwardSecret, strengthBits, keyExchange });
});

test("AES-256 or stronger", () => {
  expect([0xc030, 0x1303, 0xc08b].map((id) => isAes256OrStronger(cipherSuite(id)))).toEqual([true, true, true]);
  expect([0xc02f, 0x00a7, 0xc103, 0xffff].map((id) => isAes256OrStronger(cipherSuite(id)))).toEqual([false, false, false, false]);
});

test("numbers without a name stay readable", () => {
  expect([suiteName(0xfafa), groupName(0x2a2a), tlsVersionName(0x7f1c)]).toEqual(["0xFAFA", "0x2A2A", "0x7F1C"]);
  expect([wifiCipherName("00-0F-AC:99"), akmName("00-0F-AC:99")]).toEqual(["00-0F-AC:99", "00-0F-AC:99"]);
});

test("port lists", () => {
  for (const list of [PRESENCE_PORTS, GUARD_PORTS, COMMON_PORTS, EXCLUDED_PORTS]) {
    expect([...list].sort((a, b) => a - b)).toEqual([...list]);
    expect(new Set(list).size).toBe(list.length);
  }
  for (const list of [PRESENCE_PORTS, GUARD_PORTS, COMMON_PORTS, [...DEBUG_PORTS.keys()]])
    expect(list.filter((p) => !mayConnect(p))).toEqual([]);
  expect([...GUARD_PORTS]).toEqual([23, 80, 443, 554, 2323, 8000]);
  for (const port of [...PRESENCE_PORTS, ...GUARD_PORTS, ...DEBUG_PORTS.keys()]) expect(COMMON_PORTS).toContain(port);
  expect([9100, 502, 102, 0, 65_536].map(mayConnect)).toEqual([false, false, false, false, false]);
});

const suite = fc.record({ id: fc.nat(0xffff) });
const version = fc.record({ version: fc.nat(0xffff), accepted: fc.boolean(), suites: fc.array(suite), serverPreference: fc.boolean() });

test("names come off again: facts with names read as the facts without", () => {
  fc.assert(
    fc.property(fc.array(version), fc.array(fc.nat(0xffff)), (versions, groups) => {
      const facts = parseFacts("tls.handshake", { versions, groups });
      expect(withoutNames("tls.handshake", withNames("tls.handshake", facts))).toEqual(facts);
    }),
    { numRuns: 200 },
  );
  const wifi = parseFacts("wifi.bss", {
    rsn: { groupCipher: "00-0F-AC:4", pairwiseCiphers: ["00-0F-AC:4"], akms: ["00-0F-AC:2"] },
    wpa: {},
  });
  expect(withNames("wifi.bss", wifi)).toMatchObject({ rsn: { names: { groupCipher: "CCMP-128", akms: ["PSK"] } } });
  expect(withoutNames("wifi.bss", withNames("wifi.bss", wifi))).toEqual(wifi);
});

test("names stand beside numbers", () => {
  const facts = parseFacts("tls.handshake", { versions: [{ version: 771, accepted: true, suites: [{ id: 0xc030 }] }], groups: [23] });
  expect(withNames("tls.handshake", facts)).toMatchObject({
    versions: [{ version: 771, name: "TLS 1.2", suites: [{ id: 0xc030, name: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" }] }],
    groups: [{ id: 23, name: "secp256r1" }],
  });
});

test("withoutNames takes anything", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("tls.handshake" as const, "tls.certificate" as const, "wifi.bss" as const),
      fc.anything(),
      (probe, facts) => void withoutNames(probe, facts),
    ),
  );
});
