import { expect, test } from "vitest";
import { AT, goodTls, input, look, outcome, ports, verdict } from "../testing/input.ts";

const CLAUSE = "5.2.2.1";
const profile = { id: "profile-1", services: ["tcp/443", "udp/161"] };
const sweep = (open: Record<number, string>) => ports(open, [[1, 65_535]], { completeSweep: true, list: "full" });

test("without a profile: unknown, with the list to declare from", () => {
  const v = verdict(CLAUSE, input([sweep({ 443: "", 23: "telnet" }), goodTls()]));
  expect([v.status, v.code]).toEqual(["unknown", "no-declared-profile"]);
  expect(v.parameters["services"]).toEqual(["tcp/23 (telnet)", "tcp/443 (tls)"]);
});

test("an undeclared service fails, and names the port and what answers, even without a sweep", () => {
  const v = verdict(CLAUSE, input([ports({ 443: "", 23: "telnet" }, [[1, 1024]])], { profile }));
  expect([v.status, v.code, v.parameters["services"]]).toEqual(["fail", "undeclared-service", ["tcp/23 (telnet)"]]);
});

test("UDP services count", () => {
  const ssdp = look("ssdp.search", { transport: "host" }, { services: [{ usn: "uuid:1" }] });
  expect(verdict(CLAUSE, input([sweep({ 443: "" }), ssdp], { profile })).parameters["services"]).toEqual(["udp/1900 (ssdp)"]);
  const wsd = look("wsd.probe", { transport: "host" }, { targets: [{ endpoint: "urn:uuid:1" }] });
  expect(verdict(CLAUSE, input([sweep({ 443: "" }), wsd], { profile })).parameters["services"]).toEqual(["udp/3702 (wsd)"]);
});

test("declared only: passes after a complete sweep, unknown before", () => {
  expect(outcome(CLAUSE, [sweep({ 443: "" })], { profile })).toBe("pass declared-services-only");
  expect(outcome(CLAUSE, [ports({ 443: "" }, [[1, 1024]])], { profile })).toBe("unknown service-sweep-missing");
  expect(outcome(CLAUSE, [ports({ 443: "" })], { profile, coverage: { tcp: [], completeSweepAt: AT - 1 } })).toBe(
    "pass declared-services-only",
  );
  expect(outcome(CLAUSE, [], { profile })).toBe("notchecked not-looked-at");
});
