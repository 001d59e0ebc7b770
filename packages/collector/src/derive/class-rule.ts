/** What tells the class of a device: rules as data. Texts are compared in lower case, as parts. */
import type { DeviceClass } from "@vedette/standard";

export type ClassField =
  | "upnp.deviceType"
  | "upnp.modelDescription"
  | "upnp.modelName"
  | "upnp.serviceTypes"
  | "snmp.description"
  | "snmp.objectId"
  | "snmp.topology"
  | "mdns.type"
  | "ssdp.target"
  | "ssdp.server"
  | "onvif"
  | "wsd.types"
  | "wsd.scopes"
  | "http.title"
  | "http.server"
  | "rtsp"
  | "bss";

export interface ClassRule {
  readonly field: ClassField;
  /** Any of these parts is in the text; for snmp.objectId: it begins with one of them. */
  readonly any: readonly string[];
  readonly class: DeviceClass;
  /** 0..1; the surest rule wins. */
  readonly confidence: number;
}

/** Surer rules first reads best; order does not matter. */
export const CLASS_RULES: readonly ClassRule[] = [
  { field: "upnp.deviceType", any: ["networkcamera", "digitalsecuritycamera", "device:camera"], class: "camera", confidence: 0.95 },
  { field: "upnp.deviceType", any: ["networkvideorecorder", "digitalvideorecorder", "device:nvr"], class: "recorder", confidence: 0.95 },
  { field: "upnp.deviceType", any: ["internetgatewaydevice"], class: "router", confidence: 0.9 },
  { field: "upnp.deviceType", any: ["wlanaccesspoint"], class: "access-point", confidence: 0.95 },
  { field: "upnp.deviceType", any: ["device:printer"], class: "printer", confidence: 0.95 },
  { field: "upnp.deviceType", any: ["mediaserver"], class: "nas", confidence: 0.4 },
  { field: "upnp.modelDescription", any: ["network video recorder", "nvr", "dvr"], class: "recorder", confidence: 0.9 },
  { field: "upnp.modelDescription", any: ["video encoder", "video server"], class: "encoder", confidence: 0.9 },
  { field: "upnp.modelDescription", any: ["camera", "ip cam", "ipcam", "ipc"], class: "camera", confidence: 0.85 },
  { field: "upnp.modelDescription", any: ["nas", "network attached storage", "diskstation", "storage"], class: "nas", confidence: 0.85 },
  { field: "upnp.modelDescription", any: ["access point"], class: "access-point", confidence: 0.85 },
  { field: "upnp.modelDescription", any: ["router", "gateway"], class: "router", confidence: 0.7 },
  { field: "upnp.modelDescription", any: ["switch"], class: "switch", confidence: 0.7 },
  { field: "upnp.modelDescription", any: ["printer"], class: "printer", confidence: 0.85 },
  { field: "upnp.modelName", any: ["nvr", "dvr", "recorder"], class: "recorder", confidence: 0.75 },
  { field: "upnp.modelName", any: ["camera", "ipcam", "ipc-"], class: "camera", confidence: 0.75 },
  { field: "upnp.modelName", any: ["nas", "diskstation"], class: "nas", confidence: 0.7 },
  { field: "snmp.description", any: ["network video recorder", "nvr", "dvr"], class: "recorder", confidence: 0.85 },
  { field: "snmp.description", any: ["network camera", "ip camera", "dome camera"], class: "camera", confidence: 0.9 },
  { field: "snmp.description", any: ["video encoder", "video server"], class: "encoder", confidence: 0.85 },
  { field: "snmp.description", any: ["access point", "arubaos", "business wireless"], class: "access-point", confidence: 0.85 },
  { field: "snmp.description", any: ["switch", "c2960", "c9300", "procurve", "sonic software"], class: "switch", confidence: 0.85 },
  { field: "snmp.description", any: ["routeros", "router", "openwrt", "gateway"], class: "router", confidence: 0.75 },
  {
    field: "snmp.description",
    any: ["printer", "laserjet", "ethernet multi-environment", "jetdirect"],
    class: "printer",
    confidence: 0.85,
  },
  { field: "snmp.description", any: ["truenas", "freenas", "diskstation", "syno", "qnap"], class: "nas", confidence: 0.85 },
  { field: "snmp.objectId", any: ["1.3.6.1.4.1.39165."], class: "camera", confidence: 0.5 },
  { field: "snmp.objectId", any: ["1.3.6.1.4.1.6574.", "1.3.6.1.4.1.24681.", "1.3.6.1.4.1.55062."], class: "nas", confidence: 0.85 },
  // A recorder may have a switch built in: whatever says that it is one counts for more.
  { field: "snmp.topology", any: ["bridge"], class: "switch", confidence: 0.3 },
  { field: "mdns.type", any: ["_axis-video._tcp", "_camera._tcp"], class: "camera", confidence: 0.85 },
  { field: "mdns.type", any: ["_ipp._tcp", "_ipps._tcp", "_pdl-datastream._tcp", "_printer._tcp"], class: "printer", confidence: 0.8 },
  { field: "mdns.type", any: ["_adisk._tcp", "_afpovertcp._tcp"], class: "nas", confidence: 0.6 },
  { field: "mdns.type", any: ["_apple-mobdev2._tcp", "_androidtvremote2._tcp"], class: "phone", confidence: 0.7 },
  { field: "mdns.type", any: ["_workstation._tcp", "_companion-link._tcp", "_rfb._tcp"], class: "workstation", confidence: 0.55 },
  { field: "mdns.type", any: ["_smb._tcp", "_nfs._tcp"], class: "nas", confidence: 0.35 },
  { field: "mdns.type", any: ["_rtsp._tcp"], class: "camera", confidence: 0.6 },
  { field: "ssdp.target", any: ["networkcamera", "digitalsecuritycamera"], class: "camera", confidence: 0.7 },
  { field: "ssdp.target", any: ["internetgatewaydevice"], class: "router", confidence: 0.65 },
  { field: "onvif", any: ["nvr", "dvr", "xvr"], class: "recorder", confidence: 0.8 },
  { field: "onvif", any: ["device "], class: "camera", confidence: 0.55 },
  { field: "wsd.types", any: ["}printdevicetype"], class: "printer", confidence: 0.8 },
  // Recorders call themselves transmitters too: their hardware scope says more.
  { field: "wsd.types", any: ["}networkvideotransmitter"], class: "camera", confidence: 0.6 },
  { field: "wsd.types", any: ["}networkvideostorage"], class: "recorder", confidence: 0.7 },
  { field: "wsd.scopes", any: ["nvr", "dvr", "network_video_recorder"], class: "recorder", confidence: 0.7 },
  { field: "http.title", any: ["network video recorder", "nvr"], class: "recorder", confidence: 0.45 },
  { field: "http.title", any: ["camera", "ipcam"], class: "camera", confidence: 0.45 },
  { field: "http.title", any: ["diskstation", "network attached storage", "nas"], class: "nas", confidence: 0.45 },
  { field: "rtsp", any: ["describes"], class: "camera", confidence: 0.5 },
  { field: "bss", any: ["joined"], class: "access-point", confidence: 0.65 },
];

/** Makers by enterprise number in sysObjectID (IANA Private Enterprise Numbers). */
export const ENTERPRISES: ReadonlyMap<number, string> = new Map([
  [9, "Cisco"],
  [11, "HP"],
  [171, "D-Link"],
  [318, "APC"],
  [368, "Axis"],
  [890, "Zyxel"],
  [1248, "Epson"],
  [2435, "Brother"],
  [2636, "Juniper"],
  [4526, "Netgear"],
  [6574, "Synology"],
  [11863, "TP-Link"],
  [14823, "Aruba"],
  [14988, "MikroTik"],
  [24681, "QNAP"],
  [39165, "Hikvision"],
  [41112, "Ubiquiti"],
]);

const WORD = /[a-z0-9]/;

/** Short parts ("nas", "nvr") count only as words of their own: "nasdaq" and "Benvrix" name neither. */
export function holds(text: string, part: string): boolean {
  const lower = text.toLowerCase();
  for (let from = lower.indexOf(part); from !== -1; from = lower.indexOf(part, from + 1)) {
    if (part.length > 3) return true;
    const [before, after] = [lower[from - 1] ?? " ", lower[from + part.length] ?? " "];
    if (!WORD.test(before) && !/[a-z]/.test(after)) return true;
  }
  return false;
}
