import { expect, test } from "vitest";
import { AT, HOUR, input, outcome, ports, verdict } from "../testing/input.ts";

const CLAUSE = "5.3.2.2";
const sweep = (open: Record<number, string>) => ports(open, [[1, 65_535]], { completeSweep: true, list: "full" });

test.each(["telnet", "adb", "gdb", "openocd", "shell"])("%s fails wherever it answers", (protocol) => {
  expect(outcome(CLAUSE, [sweep({ 40001: protocol })])).toBe("fail debug-answers");
});

test("SSH alone is no debug mode, and every port swept without one passes", () => {
  expect(outcome(CLAUSE, [sweep({ 22: "ssh", 443: "" })])).toBe("pass no-debug-service");
});

test("a partial look is unknown and counts what was looked at", () => {
  const v = verdict(CLAUSE, input([ports({ 80: "" }, [[1, 2000]])]));
  expect([v.status, v.code, v.parameters["looked"]]).toEqual(["unknown", "debug-sweep-missing", 2]);
  expect(outcome(CLAUSE, [])).toBe("notchecked not-looked-at");
});

test("a debug port that is open and silent is unknown, even within a sweep", () => {
  expect(outcome(CLAUSE, [sweep({ 5555: "" })])).toBe("unknown debug-port-unidentified");
});

test("a later look that finds the port shut ends the finding", () => {
  const before = ports({ 23: "telnet" }, [[1, 100]], {}, { confirmedAt: AT - HOUR });
  expect(outcome(CLAUSE, [before, ports({}, [[23, 23]])])).toBe("unknown debug-sweep-missing");
  expect(outcome(CLAUSE, [before, ports({}, [[24, 24]])])).toBe("fail debug-answers");
  expect(outcome(CLAUSE, [before, ports({}, [[23, 23]], {}, { vantage: "second" })])).toBe("fail debug-answers");
});

test("a finding that expired is told as such, one that another list bears out is not missed", () => {
  const common = ports({}, [[1, 9000]], {}, { confirmedAt: AT - 20 * HOUR, intervalMs: 24 * HOUR });
  const guard = (open: Record<number, string>) => ports(open, [[23, 23]], { list: "guard" }, { confirmedAt: AT - 4 * HOUR });
  expect(outcome(CLAUSE, [common, guard({ 23: "telnet" })])).toBe("unknown debug-sweep-missing");
  expect(verdict(CLAUSE, input([common, guard({ 23: "telnet" })])).parameters["more"]).toBe(1);
  expect(verdict(CLAUSE, input([common, guard({})])).parameters["more"]).toBeUndefined();
});

test("a look without first bytes does not hide what another look heard", () => {
  const presence = ports({ 2323: "" }, [[2323, 2323]], { list: "presence" });
  expect(outcome(CLAUSE, [ports({ 2323: "ssh" }, [[1, 65_535]], { completeSweep: true }), presence])).toBe("pass no-debug-service");
  expect(outcome(CLAUSE, [ports({ 2323: "telnet" }), presence])).toBe("fail debug-answers");
});
