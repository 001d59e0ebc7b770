/** A capture as tshark reads it. */
import { output } from "../tls/program.ts";
import { type BssDecode, type CaptureDecode, NO_CAPTURE, type Protection, type WpsDecode } from "./decode.ts";
import { fieldsOf, type Values } from "./tshark-field.ts";

const KIND = { associationRequest: 0, reassociationRequest: 2, probeResponse: 5, beacon: 8 } as const;
const KINDS = Object.values(KIND).join(",");
/** Frames in question, and those of any kind whose check sequence is wrong. */
const FILTER = `wlan.fc.type_subtype in {${KINDS}} || wlan.fcs.status == 0`;
const FCS = { bad: 0, good: 1 } as const;

/**
 * Whether every check sequence in the file fits, as tshark sums them, if it is told to expect one at the end of each frame.
 * Most captures keep none, and some keep them without saying so: only radiotap has a flag for it. Where they are kept untold, tshark by itself takes the four
 * bytes for an element and calls the frame malformed. A sum of 32 bits does not fit by chance, so such a file must be read with the expectation.
 */
export async function everyFcsFits(path: string): Promise<boolean> {
  const frames = await fieldsOf(path, ["wlan.fcs.status"], { filter: "wlan.fcs.status", assumeFcs: true });
  return frames.length > 0 && frames.every(({ number }) => number("wlan.fcs.status") === FCS.good);
}

/** @param assumeFcs expect check sequences where the capture does not tell of them: what `everyFcsFits` says */
export async function tsharkDecode(path: string, { assumeFcs }: { readonly assumeFcs: boolean }): Promise<CaptureDecode> {
  const bss = new Map<string, BssDecode>();
  let refused = 0;
  for (const frame of await fieldsOf(path, FIELDS, { filter: FILTER, assumeFcs })) {
    if (frame.has("_ws.malformed") || frame.number("wlan.fcs.status") === FCS.bad) refused += 1;
    else bss.set(frame.text("wlan.bssid"), added(bss.get(frame.text("wlan.bssid")) ?? UNSEEN, frame));
  }
  return { refused, bss: new Map([...bss].filter(([, { frames }]) => frames > 0)) };
}

/** As `tsharkDecode`, with the expectation that fits the file. */
export async function tsharkFairDecode(path: string): Promise<CaptureDecode | typeof NO_CAPTURE> {
  if (!(await isCapture(path))) return NO_CAPTURE;
  return tsharkDecode(path, { assumeFcs: await everyFcsFits(path) });
}

/** tshark ends with status 2 where it does not know the format. */
async function isCapture(path: string): Promise<boolean> {
  try {
    await output("tshark", ["-r", path, "-c", "1"]);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === 2) return false;
    throw error;
  }
}

const FIELDS = [
  "_ws.malformed",
  "wlan.bssid",
  "wlan.fc.type_subtype",
  "wlan.fcs.status",
  "wlan.fixed.capabilities.privacy",
  "wlan.rsn.akms",
  "wlan.rsn.capabilities.mfpc",
  "wlan.rsn.capabilities.mfpr",
  "wlan.rsn.gcs",
  "wlan.rsn.gmcs",
  "wlan.rsn.pcs",
  "wlan.rsn.version",
  "wlan.ta",
  "wlan.wfa.ie.wpa.akms",
  "wlan.wfa.ie.wpa.mcs",
  "wlan.wfa.ie.wpa.ucs",
  "wlan.wfa.ie.wpa.version",
  "wps.ap_setup_locked",
  "wps.config_methods",
  "wps.device_name",
  "wps.device_password_id",
  "wps.ext.version2",
  "wps.manufacturer",
  "wps.model_name",
  "wps.model_number",
  "wps.selected_registrar",
  "wps.serial_number",
  "wps.uuid_e",
  "wps.version",
  "wps.wifi_protected_setup_state",
] as const;
type Frame = Values<(typeof FIELDS)[number]>;

const UNSEEN: BssDecode = {
  privacy: false,
  rsn: undefined,
  wpa: undefined,
  wpsBeacon: undefined,
  wpsProbeResponse: undefined,
  frames: 0,
  stations: new Map(),
};

function added(bss: BssDecode, frame: Frame): BssDecode {
  const kind = frame.number("wlan.fc.type_subtype");
  const [rsn, wpa] = [rsnOf(frame), wpaOf(frame)];
  if (kind === KIND.associationRequest || kind === KIND.reassociationRequest)
    return { ...bss, stations: new Map([...bss.stations, [frame.text("wlan.ta"), { rsn, wpa }]]) };
  const wps = { [kind === KIND.beacon ? "wpsBeacon" : "wpsProbeResponse"]: wpsOf(frame) };
  return { ...bss, ...wps, rsn, wpa, privacy: frame.flag("wlan.fixed.capabilities.privacy") === true, frames: bss.frames + 1 };
}

function rsnOf(frame: Frame): Protection | undefined {
  if (!frame.has("wlan.rsn.version")) return undefined;
  return {
    version: frame.number("wlan.rsn.version") ?? 0,
    groupCipher: frame.suites("wlan.rsn.gcs")[0] ?? "",
    pairwiseCiphers: frame.suites("wlan.rsn.pcs"),
    akms: frame.suites("wlan.rsn.akms"),
    pmfCapable: frame.flag("wlan.rsn.capabilities.mfpc") ?? false,
    pmfRequired: frame.flag("wlan.rsn.capabilities.mfpr") ?? false,
    groupManagementCipher: frame.suites("wlan.rsn.gmcs")[0] ?? "",
  };
}

/** WPA knows no protected management frames. */
function wpaOf(frame: Frame): Protection | undefined {
  if (!frame.has("wlan.wfa.ie.wpa.version")) return undefined;
  return {
    version: frame.number("wlan.wfa.ie.wpa.version") ?? 0,
    groupCipher: frame.suites("wlan.wfa.ie.wpa.mcs")[0] ?? "",
    pairwiseCiphers: frame.suites("wlan.wfa.ie.wpa.ucs"),
    akms: frame.suites("wlan.wfa.ie.wpa.akms"),
    pmfCapable: false,
    pmfRequired: false,
    groupManagementCipher: "",
  };
}

function wpsOf(frame: Frame): WpsDecode | undefined {
  if (!frame.has("wps.version")) return undefined;
  return {
    version: frame.number("wps.ext.version2") ?? frame.number("wps.version") ?? 0,
    state: frame.number("wps.wifi_protected_setup_state") ?? 0,
    configMethods: frame.number("wps.config_methods"),
    setupLocked: frame.flag("wps.ap_setup_locked"),
    selectedRegistrar: frame.flag("wps.selected_registrar"),
    devicePasswordId: frame.number("wps.device_password_id"),
    manufacturer: frame.text("wps.manufacturer"),
    modelName: frame.text("wps.model_name"),
    modelNumber: frame.text("wps.model_number"),
    serialNumber: frame.text("wps.serial_number"),
    deviceName: frame.text("wps.device_name"),
    uuid: frame.text("wps.uuid_e").replaceAll(/[^0-9a-f]/g, ""),
  };
}
