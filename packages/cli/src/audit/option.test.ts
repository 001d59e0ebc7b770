import { describe, expect, it } from "vitest";
import { budgetOf, type Flags, formatOf, planOf, thresholdOf, tierOf, timeOf } from "./option.ts";

const NOW = Date.UTC(2026, 1, 4, 8);
const flags: Flags = { tier: "polite", lang: "en", site: "site-1", scope: ["198.18.0.0/24"] };

describe("options of an audit", () => {
  it("keep the three budgets in proportion, none below one a second", () => {
    expect(budgetOf(undefined)).toEqual({});
    expect(budgetOf(400)).toEqual({ sitePerSecond: 400, hostPerSecond: 20, sweepHostPerSecond: 100 });
    expect(budgetOf(1)).toEqual({ sitePerSecond: 1, hostPerSecond: 1, sweepHostPerSecond: 1 });
  });

  it("collect thresholds", () => {
    expect(thresholdOf("clause:5.3.1.1", thresholdOf("level:2"))).toEqual([
      { kind: "level", level: 2 },
      { kind: "clause", clause: "5.3.1.1" },
    ]);
    for (const text of ["level:4", "level:", "clause:9.9", "5.3.1.1", ""]) expect(() => thresholdOf(text)).toThrow(/--fail-on is level:1/);
  });

  it("refuse by name what later versions bring", () => {
    expect(() => tierOf("credentialed")).toThrow(/not offered by this version/);
    expect(() => tierOf("intrusive")).toThrow(/not offered by this version/);
    expect(() => tierOf("rude")).toThrow(/one of passive, polite/);
    expect(() => formatOf("pdf")).toThrow(/writes json alone/);
  });

  it("take times with a zone only", () => {
    expect(timeOf("2026-02-04T16:00:00+08:00")).toBe(NOW);
    for (const text of ["2026-02-04", "2026-02-04T16:00:00", "tomorrow", "2026-13-04T16:00:00Z"])
      expect(() => timeOf(text)).toThrow(/RFC 3339/);
  });

  it("make a plan without decisions where no file is given", () => {
    expect(planOf(flags, NOW)).toMatchObject({ scope: ["198.18.0.0/24"], exclude: [], authorizedBy: null, fullSweep: false, failOn: [] });
  });

  it.each([
    [{ scope: undefined }, /--scope is missing: name the networks/],
    [{ scope: ["0.0.0.0/0"] }, /--scope: 0\.0\.0\.0\/0 is every address there is/],
    [{ scope: ["::/0"] }, /--scope: ::\/0 is every address/],
    [{ scope: ["224.0.0.0/24"] }, /--scope: "224\.0\.0\.0\/24" is a multicast/],
    [{ exclude: ["198.18.0.0/99"] }, /--exclude: /],
    [{ interface: ["nowhere0"] }, /--interface: there is no "nowhere0" here; one of /],
    [{ wifi: ["none.pcap"] }, /--wifi: none\.pcap cannot be read/],
    [{ until: NOW - 1 }, /--until: lies in the past/],
  ])("refuse %j in one sentence", (change, sentence) => {
    const changed = { ...flags, ...change } as Flags;
    expect(() => planOf(changed, NOW)).toThrow(sentence);
    expect(() => planOf(changed, NOW)).toThrow(expect.objectContaining({ status: 2 }));
  });
});
