/** 5.3.3.4: Wi-Fi authentication supports 802.1X. Kind P: one BSS that offers it proves the support; its absence proves nothing. */
import { AKMS_802_1X, akmName } from "../registry/wifi.ts";
import { type Finding, quote, type Rule } from "./rule.ts";
import { type BssLook, overBss, withoutBss } from "./wifi.ts";

function judgeBss(look: BssLook): Finding {
  const akms = look.facts.rsn?.akms ?? [];
  const evidence = [quote(look, { ssid: look.facts.ssid, akms: akms.map(akmName) })];
  if (akms.some((a) => AKMS_802_1X.has(a))) return { status: "pass", evidence };
  return { status: "unknown", code: "dot1x-not-offered", parameters: { akms: akms.length === 0 ? ["-"] : akms.map(akmName) }, evidence };
}

/** Support is a property of the device: a second, PSK-only network beside an 802.1X one takes nothing away. */
function proof(findings: Finding[]): Finding[] {
  const proven = findings.filter((f) => f.status === "pass");
  return proven.length > 0 ? proven : findings;
}

export const rule: Rule = {
  clause: "5.3.3.4",
  version: 1,
  parts: [{ name: "bss", probes: ["wifi.bss"], judge: (view) => proof(overBss(view, judgeBss)) }],
  passCode: "dot1x-offered",
  absentCode: "no-answer",
  before: withoutBss,
};
