/** A BSS judged for itself: facts and verdicts of the Wi-Fi clauses stand in lists of BSSs even where no device owns it. */
import { assess, RULES_VERSION, reasonText } from "@vedette/standard";
import { withNames } from "@vedette/standard/registry";
import type { BssInput, BssResult } from "./types.ts";

/** WPS, protection, 802.1X: what a capture can tell. */
const WIFI_CLAUSES: ReadonlySet<string> = new Set(["5.3.3.1", "5.3.3.2", "5.3.3.4"]);

/** @param at the time for which it is judged, ms */
export function judgeBss({ bssid, ssid, device, look }: BssInput, at: number): BssResult {
  const { verdicts } = assess({
    at,
    device: { class: "access-point", radioSeen: true },
    endpoints: [look],
    history: { certificates: [], firmwares: [] },
    fleet: { sharedKeys: [] },
    coverage: { tcp: [], completeSweepAt: null },
    profile: null,
    attestations: [],
    acceptedRisks: [],
    feed: { activeAt: null, version: null },
    rules: RULES_VERSION,
  });
  return {
    bssid,
    ssid,
    device,
    facts: look.facts === undefined ? {} : withNames("wifi.bss", look.facts),
    verdicts: verdicts
      .filter((v) => WIFI_CLAUSES.has(v.clause))
      .map(({ ruleVersion: _, ...v }) => ({
        ...v,
        reason: reasonText(v.code, v.parameters),
        since: new Date(look.observedAt).toISOString(),
        observedAt: v.observedAt === null ? null : new Date(v.observedAt).toISOString(),
        recordedAt: new Date(at).toISOString(),
      })),
  };
}
