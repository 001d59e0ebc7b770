/** 5.3.3.2: Wi-Fi is protected by WPA2 or later (Annex C) by default. IEEE 802.11-2020, 9.4.2.24. */
import { AKM_OWE, akmName, REFERRING_WIFI_CIPHERS, STRONG_WIFI_CIPHERS, WEAK_WIFI_CIPHERS, wifiCipherName } from "../registry/wifi.ts";
import { type Finding, quote, type Rule } from "./rule.ts";
import { type BssLook, overBss, withoutBss } from "./wifi.ts";

function judgeBss(look: BssLook): Finding {
  const { ssid, privacy, rsn, wpa } = look.facts;
  const ciphers = rsn === undefined ? [] : [rsn.groupCipher, ...rsn.pairwiseCiphers].filter((c) => c !== "");
  const akms = (rsn?.akms ?? []).map(akmName);
  const evidence = [
    quote(look, { ssid, privacy, wpa1: wpa !== undefined, rsn: rsn !== undefined, ciphers: ciphers.map(wifiCipherName), akms }),
  ];
  const parameters = { ssid };
  if (wpa !== undefined) return { status: "fail", code: rsn === undefined ? "wifi-wpa1" : "wifi-mixed", parameters, evidence };
  if (rsn === undefined) return { status: "fail", code: privacy ? "wifi-wep" : "wifi-open", parameters, evidence };
  const weak = [...new Set(ciphers.filter((c) => WEAK_WIFI_CIPHERS.has(c)).map(wifiCipherName))];
  if (weak.length > 0) return { status: "fail", code: "wifi-weak-cipher", parameters: { ssid, ciphers: weak }, evidence };
  if (rsn.akms.includes(AKM_OWE)) return { status: "fail", code: "wifi-owe", parameters, evidence };
  const unknown = [...new Set(ciphers.filter((c) => !STRONG_WIFI_CIPHERS.has(c) && !REFERRING_WIFI_CIPHERS.has(c)))];
  if (unknown.length > 0) return { status: "unknown", code: "wifi-cipher-unknown", parameters: { ssid, ciphers: unknown }, evidence };
  if (!ciphers.some((c) => STRONG_WIFI_CIPHERS.has(c))) return { status: "unknown", code: "wifi-cipher-not-told", parameters, evidence };
  return { status: "pass", evidence };
}

export const rule: Rule = {
  clause: "5.3.3.2",
  version: 1,
  parts: [{ name: "bss", probes: ["wifi.bss"], judge: (view) => overBss(view, judgeBss) }],
  passCode: "wifi-wpa2",
  absentCode: "no-answer",
  before: withoutBss,
};
