import fc from "fast-check";
import { expect, test } from "vitest";
import { assess } from "./assess.ts";
import { REASON_CODES } from "./reason.ts";
import { AT, attestation, bss, goodTls, HOUR, input, look, ports, tls } from "./testing/input.ts";
import type { AssessInput, DeviceClass, Look } from "./types.ts";

const RUNS = { numRuns: 1000 };
const port = fc.constantFrom(21, 22, 23, 80, 443, 554, 5555, 8443, 40_000);
const suites = fc.array(fc.record({ id: fc.oneof(fc.constantFrom(0x002f, 0x0035, 0xc02f, 0xc030, 0x1301, 0x00a7), fc.nat(0xffffff)) }), {
  maxLength: 4,
});
const version = fc.record(
  { version: fc.constantFrom(2, 768, 769, 770, 771, 772), accepted: fc.boolean(), suites },
  { requiredKeys: ["version"] },
);
const date = fc.constantFrom("2020-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2030-01-01T00:00:00Z", "not a time");
const leaf = fc.record(
  {
    sha256: fc.constant("aa"),
    notBefore: date,
    notAfter: date,
    malformed: fc.constantFrom("", "bad"),
    selfIssued: fc.boolean(),
    signatureVerifies: fc.boolean(),
  },
  { requiredKeys: [] },
);
const challenge = fc.record({ scheme: fc.constantFrom("basic", "digest") });
const rtspPath = fc.record({ path: fc.constantFrom("/", "/live"), status: fc.constantFrom(200, 401, 404), describes: fc.boolean() });
const cipher = fc.constantFrom("00-0F-AC:4", "00-0F-AC:2", "00-0F-AC:99", "");
const rsn = fc.record({
  groupCipher: cipher,
  pairwiseCiphers: fc.array(cipher, { maxLength: 2 }),
  akms: fc.array(fc.constantFrom("00-0F-AC:1", "00-0F-AC:2", "00-0F-AC:18"), { maxLength: 2 }),
});
const wps = fc.record({ configMethods: fc.nat(0xffff), setupLocked: fc.boolean() }, { requiredKeys: [] });

const made: fc.Arbitrary<Look> = fc.oneof(
  fc
    .tuple(port, fc.array(version, { maxLength: 5 }), fc.array(leaf, { maxLength: 2 }), fc.boolean())
    .map(([p, v, chain, complete]) => tls(p, v, { chain, complete })),
  fc.tuple(port, fc.array(leaf, { maxLength: 1 })).map(([p, chain]) => look("tls.certificate", { port: p }, { version: 771, chain })),
  fc
    .tuple(fc.dictionary(port.map(String), fc.constantFrom("", "telnet", "ftp", "ssh", "gdb")), fc.boolean())
    .map(([open, completeSweep]) => ports(open, [[1, completeSweep ? 65_535 : 1024]], { completeSweep })),
  fc
    .record({
      status: fc.constantFrom(200, 301, 401, 404),
      redirectsToHttps: fc.boolean(),
      loginForm: fc.boolean(),
      tls: fc.boolean(),
      challenges: fc.array(challenge, { maxLength: 1 }),
    })
    .chain((facts) => port.map((p) => look("http.root", { port: p }, facts))),
  fc
    .record({ paths: fc.array(rtspPath, { maxLength: 3 }), randomPathStatus: fc.constantFrom(200, 404), randomPathDescribes: fc.boolean() })
    .map((facts) => look("rtsp.describe", { port: 554 }, facts)),
  fc.record({ version: fc.constantFrom("v2c", "v3") }).map((facts) => look("snmp.system", { transport: "udp", port: 161 }, facts)),
  fc
    .record(
      {
        privacy: fc.boolean(),
        beaconSeen: fc.boolean(),
        probeResponseSeen: fc.boolean(),
        rsn,
        wpa: rsn,
        wpsBeacon: wps,
        wpsProbeResponse: wps,
      },
      { requiredKeys: [] },
    )
    .map((facts) => bss(facts)),
);

const looked: fc.Arbitrary<Look> = fc
  .tuple(
    made,
    fc.constantFrom("agent", "second"),
    fc.integer({ min: 0, max: 8 * HOUR }),
    fc.constantFrom("identified", "not-identified", "unreachable" as const),
  )
  .map(([l, vantage, age, outcome]) => {
    const timed = { ...l, vantage, confirmedAt: AT - age, observedAt: AT - age, outcome } as Look;
    if (outcome === "identified") return timed;
    const { facts: _facts, ...rest } = timed;
    return rest;
  });

const deviceClass = fc.constantFrom<DeviceClass>("camera", "nas", "switch", "other");
const clause = fc.constantFrom("5.1.1.1", "5.2.2.1", "5.3.1.1", "5.3.1.2", "5.3.3.2", "5.4.2.2", "5.5.1.1");
const attested = fc
  .tuple(
    fc.array(clause, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("pass", "fail", "notapplicable" as const),
    fc.integer({ min: -HOUR, max: HOUR }),
  )
  .map(([clauses, result, start]) => attestation(clauses, { result: result as "pass", validFrom: AT + start, expires: AT + start + HOUR }));

const inputs: fc.Arbitrary<AssessInput> = fc
  .record({
    endpoints: fc.array(looked, { maxLength: 8 }),
    attestations: fc.array(attested, { maxLength: 2 }),
    device: fc.record({ class: deviceClass, radioSeen: fc.boolean() }),
    profiled: fc.boolean(),
    sweptAgo: fc.option(fc.nat(100 * 24 * HOUR)),
  })
  .map(({ endpoints, attestations, device, profiled, sweptAgo }) =>
    input(endpoints, {
      attestations,
      device,
      profile: profiled ? { id: "p", services: ["tcp/443"], wired: true, onvif: false } : null,
      coverage: { tcp: [{ first: 1, last: 100, at: AT - HOUR }], completeSweepAt: sweptAgo === null ? null : AT - sweptAgo },
      acceptedRisks: [{ id: "r", clause: "5.3.1.1", author: "a", reason: "b", expires: AT + 99 * HOUR }],
    }),
  );

test("any looks: 54 verdicts, known codes, no broken rule, the next change lies ahead", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const { verdicts, nextChangeAt } = assess(given);
      expect(verdicts).toHaveLength(54);
      for (const v of verdicts) {
        expect(v.status, v.code).not.toBe("error");
        expect(REASON_CODES).toContain(v.code);
        if (v.status === "pass") expect(v.evidence.length, `${v.clause} passes without evidence`).toBeGreaterThan(0);
        if (v.basis === "none") expect(["pass", "fail"]).not.toContain(v.status);
      }
      expect(nextChangeAt).not.toBeNull();
      expect(nextChangeAt ?? 0).toBeGreaterThan(given.at);
    }),
    RUNS,
  );
});

test("the order of endpoints changes nothing", () => {
  const shuffled = inputs.chain((given) =>
    fc.tuple(fc.constant(given), fc.shuffledSubarray([...given.endpoints], { minLength: given.endpoints.length })),
  );
  fc.assert(
    fc.property(shuffled, ([given, endpoints]) => {
      expect(assess({ ...given, endpoints })).toEqual(assess(given));
    }),
    RUNS,
  );
});

test("adding a look that passes never turns an observed fail into a pass", () => {
  const passing = fc.constantFrom(
    goodTls(9443),
    goodTls(443, { vantage: "third" }),
    look("http.root", { port: 81 }, { status: 301, redirectsToHttps: true }),
    look("rtsp.describe", { port: 555 }, { paths: [{ path: "/", status: 401 }], randomPathStatus: 404 }),
    bss({
      bssid: "00:11:22:33:44:99",
      privacy: true,
      rsn: { groupCipher: "00-0F-AC:4", pairwiseCiphers: ["00-0F-AC:4"], akms: ["00-0F-AC:1"] },
    }),
    ports({}, [[1, 65_535]], { completeSweep: true }, { vantage: "third" }),
  );
  fc.assert(
    fc.property(inputs, passing, (given, more) => {
      const before = new Set(
        assess(given)
          .verdicts.filter((v) => v.status === "fail" && v.basis !== "attested")
          .map((v) => v.clause),
      );
      for (const v of assess({ ...given, endpoints: [...given.endpoints, more] }).verdicts) {
        if (before.has(v.clause)) expect(v.status, v.clause).toBe("fail");
      }
    }),
    RUNS,
  );
});

test("nothing changes before nextChangeAt", () => {
  fc.assert(
    fc.property(inputs, (given) => {
      const now = assess(given);
      const then = assess({ ...given, at: (now.nextChangeAt ?? given.at) - 1 });
      expect(then.verdicts).toEqual(now.verdicts);
    }),
    RUNS,
  );
});
