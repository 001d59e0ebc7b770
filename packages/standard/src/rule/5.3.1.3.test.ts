import { expect, test } from "vitest";
import { goodTls, outcome, ports, tls } from "../testing/input.ts";

const CLAUSE = "5.3.1.3";
const suites = (version: number, ...ids: number[]) => tls(443, [{ version, accepted: true, suites: ids.map((id) => ({ id })) }]);

test.each([
  ["AES-256-GCM", suites(771, 0xc030), "pass aes-256-accepted"],
  ["ChaCha20", suites(772, 0x1303), "pass aes-256-accepted"],
  ["AES-128 only", suites(771, 0xc02f, 0x002f), "fail no-aes-256"],
  ["AES-256 in TLS 1.0 only", suites(769, 0x0035), "fail no-aes-256"],
  ["anonymous AES-256", suites(771, 0x00a7), "fail no-aes-256"],
])("%s", (_, endpoint, expected) => {
  expect(outcome(CLAUSE, [endpoint])).toBe(expected);
});

test("every TLS endpoint must accept one", () => {
  const weak = tls(8443, [{ version: 771, accepted: true, suites: [{ id: 0xc02f }] }]);
  expect(outcome(CLAUSE, [goodTls(), weak])).toBe("fail no-aes-256");
});

test("no TLS endpoint is unknown where its port was looked at, else not checked", () => {
  expect(outcome(CLAUSE, [ports({ 80: "" })])).toBe("unknown no-secure-channel");
  expect(outcome(CLAUSE, [ports({ 443: "" })])).toBe("notchecked not-looked-at");
  expect(outcome(CLAUSE, [])).toBe("notchecked not-looked-at");
});
