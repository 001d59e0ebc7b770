/** 5.3.3.1: WPS PIN is off by default and can be switched. A PIN that is not offered is off (I-1). Wi-Fi Simple Configuration 2.0.8. */
import { WPS_PIN_METHODS } from "../registry/wifi.ts";
import { type Finding, quote, type Rule } from "./rule.ts";
import { type BssLook, overBss, withoutBss } from "./wifi.ts";

function judgeBss(look: BssLook): Finding {
  const { ssid, beaconSeen, probeResponseSeen, wpsBeacon, wpsProbeResponse } = look.facts;
  const elements = [wpsBeacon, wpsProbeResponse].filter((e) => e !== undefined);
  const methods = elements.flatMap((e) => (e.configMethods === undefined ? [] : [e.configMethods]));
  const all = methods.reduce((a, b) => a | b, 0);
  const bits = WPS_PIN_METHODS.filter(([bit]) => (all & bit) !== 0).map(([, name]) => name);
  const locked = elements.some((e) => e.setupLocked === true);
  const evidence = [quote(look, { ssid, beaconSeen, probeResponseSeen, wps: elements.length > 0, configMethods: methods, locked })];
  if (bits.length > 0) return { status: "fail", code: "wps-pin-offered", parameters: { ssid, methods: bits }, evidence };
  // An access point locks when it believes that its PIN is being guessed, so there is one.
  if (locked) return { status: "unknown", code: "wps-locked", parameters: { ssid }, evidence };
  if (wpsProbeResponse?.configMethods !== undefined) return { status: "pass", evidence };
  if (elements.length > 0)
    return { status: "unknown", code: probeResponseSeen ? "wps-methods-not-told" : "wps-beacon-only", parameters: { ssid }, evidence };
  if (!beaconSeen || !probeResponseSeen) return { status: "unknown", code: "wps-half-seen", parameters: { ssid }, evidence };
  return { status: "pass", evidence };
}

export const rule: Rule = {
  clause: "5.3.3.1",
  version: 1,
  parts: [{ name: "wps", probes: ["wifi.bss"], judge: (view) => overBss(view, judgeBss) }],
  passCode: "wps-pin-off",
  absentCode: "no-answer",
  before: withoutBss,
};
