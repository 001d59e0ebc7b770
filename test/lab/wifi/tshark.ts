/** What tshark reads in a capture: per BSSID, the last beacon or probe response and the last WPS attributes of each. */
import { output } from "../tls/program.ts";

export interface TsharkBss {
  rsn: string | undefined;
  wpa: string | undefined;
  /** Config methods as told in beacons, in probe responses. */
  readonly wps: { beacon: string | undefined; response: string | undefined };
  frames: number;
}

const BEACON = 8;
const FIELDS = [
  "wlan.bssid",
  "wlan.fc.type_subtype",
  "wlan.rsn.version",
  "wlan.rsn.gcs.type",
  "wlan.rsn.pcs.type",
  "wlan.rsn.akms.type",
  "wlan.rsn.capabilities.mfpc",
  "wlan.rsn.capabilities.mfpr",
  "wlan.wfa.ie.wpa.version",
  "wlan.wfa.ie.wpa.mcs.type",
  "wlan.wfa.ie.wpa.ucs.type",
  "wlan.wfa.ie.wpa.akms",
  "wps.version",
  "wps.config_methods",
  "wps.wifi_protected_setup_state",
] as const;

/** Protection in one line, so that both sides can be compared as text. */
export function protectionLine(group: string, pairwise: readonly string[], akms: readonly string[], pmf: string): string {
  return `group ${group} pairwise ${pairwise.join("+")} akm ${akms.join("+")} pmf ${pmf}`;
}

/** Capable, required; both 0 where no capabilities stand. */
export function pmfText(capable: boolean, required: boolean): string {
  return `${capable ? 1 : 0}${required ? 1 : 0}`;
}

/** tshark 4.0 leaves the type of a WPA AKM suite out of its own field; the whole suite is a number that ends with it. */
function suiteType(suite: string): string {
  return String(Number(suite) & 0xff);
}

export async function tsharkBss(path: string): Promise<Map<string, TsharkBss>> {
  const filter = "(wlan.fc.type_subtype == 8 || wlan.fc.type_subtype == 5) && !_ws.malformed && !(wlan.fcs.status == 0)";
  const lines = await output("tshark", [
    "-r",
    path,
    "-Y",
    filter,
    "-o",
    "wlan.check_checksum:TRUE",
    "-T",
    "fields",
    "-E",
    "separator=|",
    ...FIELDS.flatMap((field) => ["-e", field]),
  ]);
  const out = new Map<string, TsharkBss>();
  for (const line of lines.split("\n").filter((text) => text !== "")) {
    const [
      bssid = "",
      subtype = "",
      rsn = "",
      group = "",
      pairwise = "",
      akm = "",
      capable = "",
      required = "",
      wpa = "",
      wpaGroup = "",
      wpaPairwise = "",
      wpaAkm = "",
      wpsVersion = "",
      methods = "",
      state = "",
    ] = line.split("|");
    const bss = out.get(bssid) ?? { rsn: undefined, wpa: undefined, wps: { beacon: undefined, response: undefined }, frames: 0 };
    const list = (text: string) => text.split(",").filter((item) => item !== "");
    bss.rsn =
      rsn === ""
        ? undefined
        : protectionLine(group, list(pairwise), list(akm), pmfText(/^(1|True)/.test(capable), /^(1|True)/.test(required)));
    bss.wpa = wpa === "" ? undefined : protectionLine(wpaGroup, list(wpaPairwise), list(wpaAkm).map(suiteType), "00");
    const wps =
      wpsVersion === "" ? undefined : `methods ${methods === "" ? "none" : Number(methods)} state ${state === "" ? 0 : Number(state)}`;
    if (Number(subtype) === BEACON) bss.wps.beacon = wps;
    else bss.wps.response = wps;
    bss.frames += 1;
    out.set(bssid, bss);
  }
  return out;
}
