import { expect, test } from "vitest";
import { assess } from "../assess.ts";
import { AT, attestation, HOUR, input, look, outcome, tls, verdict } from "../testing/input.ts";
import type { Look } from "../types.ts";

const CLAUSE = "5.3.1.2";
const LEAF = {
  sha256: "aa",
  subject: "CN=camera",
  issuer: "CN=site CA",
  notBefore: "2026-01-01T00:00:00Z",
  notAfter: "2027-01-01T00:00:00Z",
};
const withLeaf = (leaf: object, over: Partial<Look> = {}) => tls(443, [], { chain: [{ ...LEAF, ...leaf }] }, over);

test.each([
  ["expired", { notAfter: "2026-05-31T00:00:00Z" }, "fail certificate-expired"],
  ["not yet valid", { notBefore: "2026-06-02T00:00:00Z" }, "fail certificate-not-yet-valid"],
  ["malformed", { malformed: "length runs over" }, "fail certificate-malformed"],
  ["signature that does not verify", { signatureVerifies: false }, "fail certificate-signature-wrong"],
  ["self-issued", { selfIssued: true, signatureVerifies: true }, "unknown certificate-self-issued"],
  ["clean", {}, "unknown certificate-clean"],
])("a certificate that is %s", (_, leaf, expected) => {
  expect(outcome(CLAUSE, [withLeaf(leaf)])).toBe(expected);
});

test("a certificate is valid through its last second, and that second is the next change", () => {
  const notAfter = Date.parse(LEAF.notAfter);
  const fresh = { confirmedAt: notAfter };
  expect(outcome(CLAUSE, [withLeaf({}, fresh)], { at: notAfter + 999 })).toBe("unknown certificate-clean");
  expect(outcome(CLAUSE, [withLeaf({}, fresh)], { at: notAfter + 1000 })).toBe("fail certificate-expired");
  expect(assess(input([withLeaf({}, fresh)], { at: notAfter })).nextChangeAt).toBe(notAfter + 1000);
});

test("the light look stands in for the full one, whichever is later", () => {
  const light = (leaf: object, confirmedAt: number) =>
    look("tls.certificate", { port: 443 }, { version: 771, chain: [{ ...LEAF, ...leaf }] }, { confirmedAt });
  const expired = { notAfter: "2026-05-31T00:00:00Z" };
  expect(outcome(CLAUSE, [withLeaf({}), light(expired, AT - 500)])).toBe("fail certificate-expired");
  expect(outcome(CLAUSE, [withLeaf({}), light(expired, AT - 2000)])).toBe("unknown certificate-clean");
  expect(outcome(CLAUSE, [withLeaf({}, { confirmedAt: AT - 9 * HOUR }), light({}, AT - 500)])).toBe("unknown certificate-clean");
});

test("an attestation passes beside clean observations only", () => {
  const attestations = [attestation([CLAUSE])];
  const clean = verdict(CLAUSE, input([withLeaf({ selfIssued: true })], { attestations }));
  expect([clean.status, clean.basis, clean.code]).toEqual(["pass", "combined", "attested-and-clean"]);
  expect(clean.evidence.map((e) => e.kind)).toEqual(["observation", "attestation"]);
  expect(outcome(CLAUSE, [], { attestations })).toBe("notchecked attested-not-observed");
  expect(outcome(CLAUSE, [withLeaf({ notAfter: "2026-05-31T00:00:00Z" })], { attestations })).toBe("fail attestation-contradicted");
});
