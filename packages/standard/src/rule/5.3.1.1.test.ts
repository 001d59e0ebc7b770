import { expect, test } from "vitest";
import { AT, goodTls, HOUR, input, look, outcome, ports, SSL3_TO_TLS11_REFUSED, tls, unanswered, verdict } from "../testing/input.ts";

const CLAUSE = "5.3.1.1";
const noSnmp = unanswered("snmp.system", { transport: "udp", port: 161 });
const redirect = look("http.root", { port: 80 }, { status: 301, redirectsToHttps: true });
const clean = () => [ports({ 80: "", 443: "" }), noSnmp, redirect, goodTls()];

test("a device whose every management endpoint is protected passes and names them", () => {
  const v = verdict(CLAUSE, input(clean()));
  expect([v.status, v.code, v.basis]).toEqual(["pass", "secure-channels-only", "observed"]);
  expect(v.parameters["endpoints"]).toEqual(["80/tcp", "443/tcp"]);
  expect(v.observedAt).toBe(AT - 1000);
});

test("an old version that is accepted fails, is named and quoted", () => {
  const old = tls(443, [
    ...SSL3_TO_TLS11_REFUSED.slice(0, 2),
    { version: 770, accepted: true, suites: [{ id: 47 }] },
    { version: 771, accepted: true, suites: [{ id: 0xc030 }] },
  ]);
  const v = verdict(CLAUSE, input([...clean().slice(0, 3), old]));
  expect([v.status, v.code]).toEqual(["fail", "tls-version-accepted"]);
  expect(v.parameters).toMatchObject({ versions: ["TLS 1.1"], endpoints: ["443/tcp"], part: "tls" });
  expect(v.evidence[0]).toMatchObject({ kind: "observation", id: old.id, facts: { accepted: ["TLS 1.1", "TLS 1.2"] } });
});

test("SSL 2.0 is old too", () => {
  const ssl2 = tls(443, [
    { version: 2, accepted: true, suites: [{ id: 0x010080 }] },
    ...SSL3_TO_TLS11_REFUSED,
    { version: 771, accepted: true, suites: [{ id: 0xc030 }] },
  ]);
  expect(verdict(CLAUSE, input([ssl2])).parameters["versions"]).toEqual(["SSL 2.0"]);
});

test.each([
  ["static RSA only", [{ id: 0x009d }], "fail tls-no-forward-secrecy"],
  ["anonymous DH hides from nobody", [{ id: 0x00a7 }], "fail tls-no-forward-secrecy"],
  ["ECDHE without encryption", [{ id: 0xc010 }], "fail tls-no-forward-secrecy"],
  ["one forward-secret suite is enough", [{ id: 0x009d }, { id: 0xc030 }], "pass secure-channels-only"],
])("forward secrecy: %s", (_, suites, expected) => {
  const only = tls(443, [...SSL3_TO_TLS11_REFUSED, { version: 771, accepted: true, suites }]);
  expect(outcome(CLAUSE, [...clean().slice(0, 3), only])).toBe(expected);
});

test.each([
  ["Basic challenge", look("http.root", { port: 80 }, { status: 401, challenges: [{ scheme: "basic" }] }), "fail http-cleartext-challenge"],
  ["login form", look("http.root", { port: 80 }, { status: 200, loginForm: true }), "fail http-cleartext-login"],
  [
    "page without a visible login",
    look("http.root", { port: 80 }, { status: 200, contentType: "text/html" }),
    "unknown http-cleartext-page",
  ],
  ["no page at all", look("http.root", { port: 80 }, { status: 404 }), "pass secure-channels-only"],
])("HTTP without TLS: %s", (_, http, expected) => {
  expect(outcome(CLAUSE, [ports({ 80: "", 443: "" }), noSnmp, goodTls(), http])).toBe(expected);
});

test.each([
  ["Telnet", ports({ 2323: "telnet" }), "fail telnet-answers"],
  ["Telnet on an odd port", ports({ 6023: "telnet" }), "fail telnet-answers"],
  ["FTP", ports({ 21: "ftp" }), "fail ftp-answers"],
  ["a silent port 23", ports({ 23: "" }), "unknown open-port-unidentified"],
])("%s", (_, connect, expected) => {
  expect(outcome(CLAUSE, [connect, noSnmp, redirect, goodTls()])).toBe(expected);
});

test("SNMP v2c that answers fails", () => {
  const snmp = look("snmp.system", { transport: "udp", port: 161 }, { version: "v2c", community: "public" });
  expect(outcome(CLAUSE, [ports({ 443: "" }), snmp, goodTls()])).toBe("fail snmp-cleartext");
});

test("a part that nobody looked at blocks the pass and is named", () => {
  const v = verdict(CLAUSE, input([ports({ 80: "", 443: "" }), redirect, goodTls()]));
  expect([v.status, v.code, v.parameters["part"]]).toEqual(["notchecked", "not-looked-at", "snmp"]);
  expect(outcome(CLAUSE, [])).toBe("notchecked not-looked-at");
});

test("an endpoint that another probe knows to speak TLS is in scope before its posture was looked at", () => {
  const odd = look("http.root", { port: 8443 }, { tls: true, status: 200 });
  expect(outcome(CLAUSE, [ports({ 80: "", 8443: "" }), noSnmp, redirect, odd])).toBe("notchecked not-looked-at");
  expect(outcome(CLAUSE, [ports({ 80: "", 8443: "" }), noSnmp, redirect, odd, goodTls(8443)])).toBe("pass secure-channels-only");
});

test("an enumeration that was cut, or a version left open, is unknown", () => {
  const cut = tls(443, [...SSL3_TO_TLS11_REFUSED, { version: 771, accepted: true, suites: [{ id: 0xc030 }] }], { complete: false });
  const open = tls(443, [{ version: 768 }, ...SSL3_TO_TLS11_REFUSED.slice(1), { version: 771, accepted: true, suites: [{ id: 0xc030 }] }]);
  expect(outcome(CLAUSE, [...clean().slice(0, 3), cut])).toBe("unknown tls-incomplete");
  expect(outcome(CLAUSE, [...clean().slice(0, 3), open])).toBe("unknown tls-version-undetermined");
});

test("silence is never a pass", () => {
  expect(outcome(CLAUSE, [ports({ 443: "" }), noSnmp, unanswered("tls.handshake", { port: 443 })])).toBe("unknown endpoint-silent");
  expect(outcome(CLAUSE, [ports({}), noSnmp])).toBe("unknown no-management-endpoint");
});

test("expired evidence is unknown and says when it expired", () => {
  const old = goodTls(443, { confirmedAt: AT - 3 * HOUR });
  const v = verdict(CLAUSE, input([...clean().slice(0, 3), old]));
  expect([v.status, v.code, v.parameters["expiredAt"]]).toEqual(["unknown", "evidence-expired", "2026-06-01T12:00:00Z"]);
  expect(outcome(CLAUSE, [...clean().slice(0, 3), { ...old, confirmedAt: AT - 3 * HOUR + 1 }])).toBe("pass secure-channels-only");
});

test("vantages: any fresh failing fact fails, and a fresh look elsewhere stands in for an expired one", () => {
  const elsewhere = tls(443, [{ version: 769, accepted: true, suites: [{ id: 47 }] }], {}, { vantage: "second" });
  expect(outcome(CLAUSE, [...clean(), elsewhere])).toBe("fail tls-version-accepted");
  expect(outcome(CLAUSE, [...clean(), { ...elsewhere, confirmedAt: AT - 4 * HOUR }])).toBe("pass secure-channels-only");
});
