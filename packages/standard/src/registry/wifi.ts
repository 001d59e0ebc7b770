/** Cipher and AKM suites of RSN and WPA elements, written "00-0F-AC:4". IEEE 802.11-2020 tables 9-149 and 9-151, and vendors' own. */

const IEEE = "00-0F-AC";
const WFA_WPA = "00-50-F2";

const CIPHERS: ReadonlyMap<string, string> = new Map([
  [`${IEEE}:0`, "group cipher"],
  [`${IEEE}:1`, "WEP-40"],
  [`${IEEE}:2`, "TKIP"],
  [`${IEEE}:4`, "CCMP-128"],
  [`${IEEE}:5`, "WEP-104"],
  [`${IEEE}:6`, "BIP-CMAC-128"],
  [`${IEEE}:7`, "group traffic not allowed"],
  [`${IEEE}:8`, "GCMP-128"],
  [`${IEEE}:9`, "GCMP-256"],
  [`${IEEE}:10`, "CCMP-256"],
  [`${IEEE}:11`, "BIP-GMAC-128"],
  [`${IEEE}:12`, "BIP-GMAC-256"],
  [`${IEEE}:13`, "BIP-CMAC-256"],
  [`${WFA_WPA}:0`, "group cipher"],
  [`${WFA_WPA}:1`, "WEP-40"],
  [`${WFA_WPA}:2`, "TKIP"],
  [`${WFA_WPA}:4`, "CCMP-128"],
  [`${WFA_WPA}:5`, "WEP-104"],
]);

const AKMS: ReadonlyMap<string, string> = new Map([
  [`${IEEE}:1`, "802.1X"],
  [`${IEEE}:2`, "PSK"],
  [`${IEEE}:3`, "FT-802.1X"],
  [`${IEEE}:4`, "FT-PSK"],
  [`${IEEE}:5`, "802.1X-SHA256"],
  [`${IEEE}:6`, "PSK-SHA256"],
  [`${IEEE}:7`, "TDLS"],
  [`${IEEE}:8`, "SAE"],
  [`${IEEE}:9`, "FT-SAE"],
  [`${IEEE}:10`, "APPeerKey"],
  [`${IEEE}:11`, "802.1X-SuiteB-SHA256"],
  [`${IEEE}:12`, "802.1X-SuiteB-SHA384"],
  [`${IEEE}:13`, "FT-802.1X-SHA384"],
  [`${IEEE}:14`, "FILS-SHA256"],
  [`${IEEE}:15`, "FILS-SHA384"],
  [`${IEEE}:16`, "FT-FILS-SHA256"],
  [`${IEEE}:17`, "FT-FILS-SHA384"],
  [`${IEEE}:18`, "OWE"],
  [`${IEEE}:19`, "FT-PSK-SHA384"],
  [`${IEEE}:20`, "PSK-SHA384"],
  [`${IEEE}:21`, "PASN"],
  [`${IEEE}:22`, "FT-802.1X-SHA384-unrestricted"],
  [`${IEEE}:23`, "802.1X-SHA384"],
  [`${IEEE}:24`, "SAE-group-dependent"],
  [`${IEEE}:25`, "FT-SAE-group-dependent"],
  [`${WFA_WPA}:1`, "802.1X"],
  [`${WFA_WPA}:2`, "PSK"],
  ["00-40-96:0", "CCKM"],
  ["50-6F-9A:2", "DPP"],
]);

export const AKM_OWE = `${IEEE}:18`;

/** AKM suites of 802.1X by EAP (clause 5.3.3.4). FILS is not among them: it may run without a port access entity. */
export const AKMS_802_1X: ReadonlySet<string> = new Set([...[1, 3, 5, 11, 12, 13, 22, 23].map((n) => `${IEEE}:${n}`), "00-40-96:0"]);

/** CCMP and GCMP, the ciphers of WPA2 and later. */
export const STRONG_WIFI_CIPHERS: ReadonlySet<string> = new Set([4, 8, 9, 10].map((n) => `${IEEE}:${n}`));
/** WEP and TKIP. */
export const WEAK_WIFI_CIPHERS: ReadonlySet<string> = new Set([
  ...[1, 2, 5].map((n) => `${IEEE}:${n}`),
  ...[1, 2, 5].map((n) => `${WFA_WPA}:${n}`),
]);
/** Not ciphers of their own: "as the group", "no group traffic". */
export const REFERRING_WIFI_CIPHERS: ReadonlySet<string> = new Set([`${IEEE}:0`, `${IEEE}:7`, `${WFA_WPA}:0`]);

export function wifiCipherName(suite: string): string {
  return CIPHERS.get(suite) ?? suite;
}

export function akmName(suite: string): string {
  return AKMS.get(suite) ?? suite;
}

/** Config Methods bits of a PIN: Label, Display, Keypad (Wi-Fi Simple Configuration 2.0.8, table 33). */
export const WPS_PIN_METHODS: readonly (readonly [bit: number, name: string])[] = [
  [0x0004, "Label"],
  [0x0008, "Display"],
  [0x0100, "Keypad"],
];
