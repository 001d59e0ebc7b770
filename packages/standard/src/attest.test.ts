import { expect, test } from "vitest";
import { assess } from "./assess.ts";
import { reasonText } from "./reason.ts";
import { AT, attestation, goodTls, HOUR, input, outcome, ports, tls, verdict } from "./testing/input.ts";

test("a clause that only people can decide", () => {
  expect(outcome("5.1.1.1", [])).toBe("notchecked needs-attestation");
  const v = verdict("5.1.1.1", input([], { attestations: [attestation(["5.1.1.1"])] }));
  expect([v.status, v.basis, v.code, v.observedAt]).toEqual(["pass", "attested", "attested-pass", null]);
  expect(v.evidence).toEqual([
    {
      kind: "attestation",
      id: "att-1",
      facts: { author: "auditor", result: "pass", documentHash: "ab12", expires: "2026-06-01T13:00:00Z" },
    },
  ]);
});

test("it holds from validFrom until it expires, and both are next changes", () => {
  const attestations = [attestation(["5.1.1.1"])];
  expect(outcome("5.1.1.1", [], { attestations, at: AT - HOUR - 1 })).toBe("notchecked needs-attestation");
  expect(outcome("5.1.1.1", [], { attestations, at: AT - HOUR })).toBe("pass attested-pass");
  expect(outcome("5.1.1.1", [], { attestations, at: AT + HOUR })).toBe("notchecked needs-attestation");
  expect(assess(input([], { attestations, at: AT - 2 * HOUR })).nextChangeAt).toBe(AT - HOUR);
  expect(assess(input([], { attestations })).nextChangeAt).toBe(AT + HOUR);
});

test("an observation that contradicts it wins, and the reason says both", () => {
  const old = tls(443, [{ version: 769, accepted: true, suites: [{ id: 47 }] }]);
  const v = verdict("5.3.1.1", input([old], { attestations: [attestation(["5.3.1.1"])] }));
  expect([v.status, v.basis, v.code]).toEqual(["fail", "combined", "attestation-contradicted"]);
  expect(reasonText(v.code, v.parameters).en).toBe("TLS 1.0 is accepted on 443/tcp. This contradicts the attestation att-1 by auditor.");
});

test("an observed pass stands against an attested fail; an unknown does not", () => {
  const attestations = [attestation(["5.3.1.3"], { result: "fail" })];
  expect(outcome("5.3.1.3", [goodTls()], { attestations })).toBe("pass aes-256-accepted");
  expect(outcome("5.3.1.3", [ports({ 443: "" })], { attestations })).toBe("fail attested-fail");
});

test("the first of several counts: callers put the narrowest target first", () => {
  const attestations = [attestation(["5.1.1.1"], { id: "device", result: "fail" }), attestation(["5.1.1.1"], { id: "model" })];
  expect(outcome("5.1.1.1", [], { attestations })).toBe("fail attested-fail");
});

test("an alternative password standard passes 5.4.2.2 to 5.4.2.6, never 5.4.2.1", () => {
  const attestations = [attestation(["5.4.2.2"], { standard: "NIST SP 800-63B" })];
  const codes = [1, 2, 3, 4, 6].map((n) => outcome(`5.4.2.${n}`, [], { attestations }));
  expect(codes).toEqual(["notchecked needs-authorization", ...Array.from({ length: 4 }, () => "pass attested-pass")]);
});

test("an N clause that nobody looked at does not pass by paper, a penetration test report for 5.2.5.1 does", () => {
  const attestations = [attestation(["5.2.4.1", "5.2.5.1"])];
  expect(outcome("5.2.4.1", [], { attestations })).toBe("notchecked attested-not-observed");
  expect(outcome("5.2.5.1", [], { attestations })).toBe("pass attested-pass");
});

test("what does not apply", () => {
  expect(outcome("5.2.6.1", [], { profile: { id: "p", services: [], onvif: false } })).toBe("notapplicable profile-without-onvif");
  const device = { class: "switch", radioSeen: false } as const;
  expect(outcome("5.2.6.1", [], { device })).toBe("notchecked needs-probe");
  expect(outcome("5.2.6.1", [ports({}, [[1, 65_535]], { completeSweep: true })], { device })).toBe("notapplicable class-without-onvif");
  expect(outcome("5.5.2.1", [], { device })).toBe("notchecked needs-probe");
  expect(outcome("5.5.2.1", [ports({}, [[1, 65_535]], { completeSweep: true })], { device })).toBe("notapplicable class-without-video");
  expect(outcome("5.2.3.2", [], { attestations: [attestation(["5.2.3.2"], { result: "notapplicable" })] })).toBe(
    "notapplicable attested-notapplicable",
  );
});
