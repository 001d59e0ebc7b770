import type { Device } from "@vedette/collector/api";
import { expect, test } from "vitest";
import { matches, parseSearch, searchQuery } from "./search.ts";

const NOW = Date.parse("2026-03-03T14:00:00Z");

function device(over: Partial<Device>): Device {
  return {
    id: "d-1",
    tenant: "t",
    site: "s",
    name: "Gate camera",
    location: "",
    owner: "",
    tags: [],
    membership: "in",
    membershipReason: "",
    class: "camera",
    vendor: "Arden",
    model: "AC-220 Pro",
    firmware: "",
    addresses: ["192.0.2.7", "2001:db8::7"],
    level: { proven: 0, possible: 1, observable: { level: 0, checked: 1, of: 2 }, blocking: [], aspects: {} },
    counts: { pass: 0, fail: 0, unknown: 0, notchecked: 0, notapplicable: 0, error: 0 },
    failing: ["5.3.1.1"],
    sources: [],
    firstSeenAt: "2026-03-01T00:00:00Z",
    lastSeenAt: "2026-03-03T13:30:00Z",
    vanishedAt: null,
    ...over,
  };
}

test("terms become REST's parameters", () => {
  const search = parseSearch("gate clause:5.3.1.1=fail status:fail level:0 member:in site:hq");
  expect(search.wrong).toEqual([]);
  expect(searchQuery(search)).toEqual({ q: "gate", clause: "5.3.1.1", status: "fail", level: "0", membership: "in", site: "hq" });
});

test("what REST does not know is decided over the list", () => {
  expect(matches(parseSearch("seen:<1h"), device({}), NOW)).toBe(true);
  expect(matches(parseSearch("seen:<10m"), device({}), NOW)).toBe(false);
  expect(matches(parseSearch("seen:>10m"), device({}), NOW)).toBe(true);
  expect(matches(parseSearch("model:ac-220"), device({}), NOW)).toBe(true);
  expect(matches(parseSearch('model:"220 pro"'), device({}), NOW)).toBe(true);
  expect(matches(parseSearch("model:gate"), device({}), NOW)).toBe(false);
  expect(matches(parseSearch("gate arden"), device({}), NOW)).toBe(true);
  expect(matches(parseSearch("gate other"), device({}), NOW)).toBe(false);
  expect(matches(parseSearch("clause:5.3.1.1 clause:5.2.2.1"), device({}), NOW)).toBe(false);
});

test("an IPv6 address is a word", () => {
  expect(parseSearch("2001:db8::7").words).toEqual(["2001:db8::7"]);
  expect(matches(parseSearch("2001:db8::7"), device({}), NOW)).toBe(true);
});

test("a wrong term is named with its fix, and the rest holds", () => {
  const search = parseSearch("gate clause:5.3=fail seen:soon colour:red status:bad");
  expect(search.words).toEqual(["gate"]);
  expect(search.wrong).toEqual([
    { word: "clause:5.3=fail", fix: "fixClause" },
    { word: "seen:soon", fix: "fixSeen" },
    { word: "colour:red", fix: "fixKey" },
    { word: "status:bad", fix: "fixStatus" },
  ]);
});

test("a term that is still being typed changes nothing", () => {
  expect(parseSearch("gate model:")).toEqual(parseSearch("gate"));
});
