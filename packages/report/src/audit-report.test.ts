import { type Look, parseAssessInput, RULES_VERSION, STANDARD } from "@vedette/standard";
import { describe, expect, it } from "vitest";
import { auditReport } from "./audit-report.ts";
import { findingsAt } from "./finding.ts";
import { summaryLines } from "./summary.ts";
import type { AuditInput, ReportedDevice } from "./types.ts";

const NOW = Date.UTC(2026, 1, 4, 8);
const BSSID = "00:00:5e:00:53:01";

/** A BSS as `wifi.bss` tells it: WPA2 with CCMP, WPS with the methods given. */
function bssLook(configMethods: number): Look<"wifi.bss"> {
  const wps = { version: 0x20, state: 2, setupLocked: false, configMethods };
  const facts = {
    bssid: BSSID,
    ssid: "Cameras",
    privacy: true,
    beaconSeen: true,
    probeResponseSeen: true,
    rsn: { version: 1, groupCipher: "00-0F-AC:4", pairwiseCiphers: ["00-0F-AC:4"], akms: ["00-0F-AC:2"] },
    wpsProbeResponse: wps,
  };
  const [look] = parseAssessInput({
    at: new Date(NOW).toISOString(),
    device: { class: "access-point" },
    endpoints: [
      {
        id: "a/e/1",
        probe: "wifi.bss",
        endpoint: { transport: "bss", bssid: BSSID },
        outcome: "identified",
        observedAt: new Date(NOW - 1000).toISOString(),
        facts,
      },
    ],
  }).endpoints;
  return look as Look<"wifi.bss">;
}

function report(more: Partial<AuditInput<ReportedDevice>>) {
  return auditReport<ReportedDevice>({
    site: "site-1",
    scope: ["198.18.0.0/24"],
    exclude: [],
    tier: "polite",
    startedAt: NOW - 60_000,
    endedAt: NOW,
    probeLogHash: "0".repeat(64),
    authorizedBy: "Site owner",
    devices: [],
    bss: [],
    notLookedAt: {
      silentAddresses: ["198.18.0.9"],
      addressesNotSearched: 0,
      untouchedTcpPorts: [9100],
      fullSweep: false,
      probes: [],
      tiers: ["credentialed", "intrusive"],
      cutShort: true,
    },
    ...more,
  });
}

describe("an audit report", () => {
  it("says who looked at what, when, by which catalogue and rules", () => {
    expect(report({}).audit).toEqual({
      site: "site-1",
      scope: ["198.18.0.0/24"],
      exclude: [],
      tier: "polite",
      startedAt: "2026-02-04T07:59:00.000Z",
      endedAt: "2026-02-04T08:00:00.000Z",
      catalogue: STANDARD.id,
      rules: RULES_VERSION,
      probeLogHash: "0".repeat(64),
      authorizedBy: "Site owner",
    });
  });

  it("has no level where no device counts", () => {
    expect(report({}).level).toMatchObject({ proven: null, possible: null, blocking: [], devices: { in: 0 } });
  });

  it("judges a BSS that belongs to no device by the Wi-Fi clauses", () => {
    const made = report({
      bss: [
        { bssid: BSSID, ssid: "Cameras", device: null, look: bssLook(0x0280) },
        { bssid: BSSID, ssid: "Guests", device: null, look: bssLook(0x0108) },
      ],
    });
    expect(made.bss.map((b) => b.verdicts.map((v) => [v.clause, v.status]))).toEqual([
      [
        ["5.3.3.1", "pass"],
        ["5.3.3.2", "pass"],
        ["5.3.3.4", "unknown"],
      ],
      [
        ["5.3.3.1", "fail"],
        ["5.3.3.2", "pass"],
        ["5.3.3.4", "unknown"],
      ],
    ]);
    for (const v of made.bss.flatMap((b) => b.verdicts)) expect(v.reason).toEqual({ en: expect.any(String), "zh-TW": expect.any(String) });
    expect(findingsAt(made, { kind: "clause", clause: "5.3.3.1" })).toEqual([{ subject: BSSID, clause: "5.3.3.1" }]);
    expect(findingsAt(made, { kind: "level", level: 3 })).toEqual([]);
  });

  it("says in the summary that it was cut short", () => {
    expect(summaryLines(report({}), "en").at(-1)).toContain("ended before every look was taken");
    expect(summaryLines(report({}), "zh-TW").at(-1)).toContain("未知");
  });
});
