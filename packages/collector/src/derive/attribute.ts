/** Vendor, model, firmware, serial, name and class of a device, each with where it came from and what else was told. */
import type { DeviceClass } from "@vedette/standard";
import { compareText } from "./canonical.ts";
import { CLASS_RULES, type ClassField, ENTERPRISES, holds } from "./class-rule.ts";
import { factsAs } from "./facts.ts";
import type { Seen } from "./history.ts";
import { isJunkSerial } from "./identify.ts";
import type { Attribute } from "./types.ts";

type Kind = "vendor" | "model" | "firmware" | "serial" | "name";

interface Told {
  readonly kind: Kind;
  readonly value: string;
  readonly source: string;
  readonly confidence: number;
  readonly observation: string;
  readonly at: number;
}

interface Hint {
  readonly field: ClassField;
  readonly text: string;
}

/** Longest text kept of what a device says about itself. */
const MAX_TEXT = 128;

export interface Description {
  readonly class: DeviceClass;
  readonly vendor: Attribute | null;
  readonly model: Attribute | null;
  readonly firmware: Attribute | null;
  readonly serial: Attribute | null;
  readonly name: string | null;
}

class Collector {
  readonly told: Told[] = [];
  readonly hints: Hint[] = [];

  tell(seen: Seen, kind: Kind, field: string, value: string | undefined, confidence: number): void {
    // Half of a character beyond the BMP is none that a column would take.
    const text = value?.trim().slice(0, MAX_TEXT).toWellFormed() ?? "";
    if (text !== "")
      this.told.push({ kind, value: text, source: `${seen.probe}/${field}`, confidence, observation: seen.baseId, at: seen.at });
  }

  hint(field: ClassField, text: string): void {
    if (text !== "") this.hints.push({ field, text: text.slice(0, 512) });
  }
}

function fromUpnp(seen: Seen, c: Collector): void {
  const d = factsAs(seen, "upnp.description");
  if (d === null) return;
  c.tell(seen, "vendor", "manufacturer", d.manufacturer, 0.9);
  c.tell(seen, "model", "modelName", d.modelName, 0.9);
  c.tell(seen, "serial", "serialNumber", d.serialNumber, isJunkSerial(d.serialNumber) ? 0.1 : 0.95);
  c.tell(seen, "name", "friendlyName", d.friendlyName, 0.9);
  c.hint("upnp.deviceType", d.deviceType);
  c.hint("upnp.modelDescription", d.modelDescription);
  c.hint("upnp.modelName", d.modelName);
  c.hint("upnp.serviceTypes", d.serviceTypes.join(" "));
}

function fromOnvif(seen: Seen, c: Collector): void {
  const d = factsAs(seen, "onvif.device");
  if (d === null) return;
  c.tell(seen, "vendor", "manufacturer", d.manufacturer, 0.92);
  c.tell(seen, "model", "model", d.model, 0.92);
  c.tell(seen, "firmware", "firmwareVersion", d.firmwareVersion, 0.9);
  c.tell(seen, "serial", "serialNumber", d.serialNumber, isJunkSerial(d.serialNumber) ? 0.1 : 0.95);
  c.hint("onvif", `device ${d.model}`);
}

function fromSnmp(seen: Seen, c: Collector): void {
  const s = factsAs(seen, "snmp.system");
  if (s === null) return;
  c.tell(seen, "name", "name", s.name, 0.7);
  c.hint("snmp.description", s.description);
  c.hint("snmp.objectId", s.objectId);
  const enterprise = /^1\.3\.6\.1\.4\.1\.(\d{1,10})(?:\.|$)/.exec(s.objectId)?.[1];
  c.tell(seen, "vendor", "objectId", enterprise === undefined ? undefined : ENTERPRISES.get(Number(enterprise)), 0.7);
  // "; AXIS P1375; Network Camera; 10.1.0; Sep 22 2020 12:38; 795; 1;"
  const fields = s.description.split(";").map((f) => f.trim());
  if (fields[0] === "" && fields[1]?.startsWith("AXIS ") === true) {
    c.tell(seen, "vendor", "description", "AXIS", 0.85);
    c.tell(seen, "model", "description", fields[1], 0.85);
    c.tell(seen, "firmware", "description", fields[3], 0.85);
    return;
  }
  c.tell(seen, "firmware", "description", /\bversion:? ?([0-9][0-9A-Za-z.()_-]{0,40})/i.exec(s.description.slice(0, 512))?.[1], 0.6);
  const short = s.description.split("\n")[0] ?? "";
  if (short.length <= 64) c.tell(seen, "model", "description", short, 0.4);
}

/** Two bridge ports make no switch: an access point and a virtual host have as many. */
const SWITCH_PORTS = 5;

function fromTopology(seen: Seen, c: Collector): void {
  const ports = factsAs(seen, "snmp.topology")?.ports ?? [];
  if (ports.filter((p) => p.bridgePort !== undefined).length >= SWITCH_PORTS) c.hint("snmp.topology", "bridge");
}

function fromMdns(seen: Seen, c: Collector): void {
  for (const service of factsAs(seen, "mdns.browse")?.services ?? []) {
    c.hint("mdns.type", service.type);
    c.tell(seen, "name", "instance", service.instance, 0.5);
    for (const entry of service.txt) {
      const cut = entry.indexOf("=");
      const [key, value] = [entry.slice(0, Math.max(cut, 0)).toLowerCase(), entry.slice(cut + 1)];
      if (key === "ty" || key === "model" || key === "md" || key === "usb_mdl") c.tell(seen, "model", `txt.${key}`, value, 0.6);
      if (key === "manufacturer" || key === "vendor" || key === "usb_mfg") c.tell(seen, "vendor", `txt.${key}`, value, 0.6);
      if (key === "fv" || key === "fw" || key === "firmware") c.tell(seen, "firmware", `txt.${key}`, value, 0.6);
      if (key === "sn" || key === "serial") c.tell(seen, "serial", `txt.${key}`, value, 0.4);
    }
  }
}

/** ONVIF Core Specification 7.3.2.2: what a device says of itself in scopes, percent-encoded. */
const ONVIF_SCOPE = "onvif://www.onvif.org/";

/** Anybody can answer a search: below what a device tells by unicast. */
function fromWsd(seen: Seen, c: Collector): void {
  for (const { types, scopes } of factsAs(seen, "wsd.probe")?.targets ?? []) {
    c.hint("wsd.types", types.join(" "));
    c.hint("wsd.scopes", scopes.join(" "));
    for (const scope of scopes) {
      if (!scope.startsWith(ONVIF_SCOPE)) continue;
      const [key, ...rest] = scope.slice(ONVIF_SCOPE.length).split("/");
      const value = percentDecoded(rest.join("/"));
      if (key === "hardware") c.tell(seen, "model", "scope.hardware", value, 0.55);
      if (key === "name") c.tell(seen, "name", "scope.name", value, 0.4);
    }
  }
}

/** As it stands where it is not well encoded. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fromOthers(seen: Seen, c: Collector): void {
  for (const s of factsAs(seen, "ssdp.search")?.services ?? []) {
    c.hint("ssdp.target", s.target);
    c.hint("ssdp.server", s.server);
  }
  const http = factsAs(seen, "http.root");
  if (http !== null) {
    c.hint("http.title", http.title);
    c.hint("http.server", http.server);
    c.tell(seen, "name", "title", http.title, 0.2);
  }
  const rtsp = factsAs(seen, "rtsp.describe");
  if (rtsp?.paths.some((p) => p.describes || p.challenges.length > 0) === true) c.hint("rtsp", "describes");
  const bss = factsAs(seen, "wifi.bss");
  if (bss !== null) {
    c.hint("bss", "joined");
    const wps = bss.wpsProbeResponse ?? bss.wpsBeacon;
    c.tell(seen, "vendor", "wps.manufacturer", wps?.manufacturer, 0.5);
    c.tell(seen, "model", "wps.modelName", wps?.modelName, 0.5);
  }
}

/** The surest value, the latest of equally sure ones; the others beside it. */
function choose(told: readonly Told[], kind: Kind): Attribute | null {
  const own = told
    .filter((t) => t.kind === kind)
    .toSorted((a, b) => b.confidence - a.confidence || b.at - a.at || compareText(a.source, b.source) || compareText(a.value, b.value));
  const [best] = own;
  if (best === undefined) return null;
  const seen = new Set([best.value]);
  const alternatives = own
    .filter((t) => !seen.has(t.value) && seen.add(t.value))
    .map(({ value, source, confidence }) => ({ value, source, confidence }));
  return {
    value: best.value,
    source: best.source,
    confidence: best.confidence,
    observation: best.observation,
    alternatives: alternatives.slice(0, 8),
  };
}

export function classOf(hints: readonly Hint[]): DeviceClass {
  let best: { class: DeviceClass; confidence: number } = { class: "other", confidence: 0 };
  for (const rule of CLASS_RULES) {
    if (rule.confidence <= best.confidence) continue;
    const match = hints.some(
      (h) =>
        h.field === rule.field && rule.any.some((part) => (h.field === "snmp.objectId" ? h.text.startsWith(part) : holds(h.text, part))),
    );
    if (match) best = rule;
  }
  return best.class;
}

/** @param latest the newest identified look of each probe at each endpoint of the device */
export function describe(latest: readonly Seen[]): Description {
  const c = new Collector();
  for (const seen of latest) {
    fromUpnp(seen, c);
    fromOnvif(seen, c);
    fromSnmp(seen, c);
    fromTopology(seen, c);
    fromMdns(seen, c);
    fromWsd(seen, c);
    fromOthers(seen, c);
  }
  return {
    class: classOf(c.hints),
    vendor: choose(c.told, "vendor"),
    model: choose(c.told, "model"),
    firmware: choose(c.told, "firmware"),
    serial: choose(c.told, "serial"),
    name: choose(c.told, "name")?.value ?? null,
  };
}
