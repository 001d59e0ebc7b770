/** From facts to identifiers: what joins sightings into devices, and what only suggests. */
import { factsAs } from "./facts.ts";
import type { Seen } from "./history.ts";
import { isHardwareMac } from "./mac.ts";
import type { Identifier } from "./types.ts";

export interface Claim {
  readonly kind: Identifier["kind"];
  readonly value: string;
  readonly joins: boolean;
}

const JUNK_SERIAL = new Set([
  "none",
  "n/a",
  "na",
  "null",
  "unknown",
  "default",
  "serial",
  "serialnumber",
  "123456789",
  "1234567890",
  "0123456789",
  "0123456789abcdef",
]);

/** Serials that a maker did not set: empty, too short, one character repeated, a count ("12345678"). */
export function isJunkSerial(serial: string): boolean {
  const s = serial.trim().toLowerCase();
  if (s.length < 4 || JUNK_SERIAL.has(s)) return true;
  if ([...s].every((c) => c === s[0] || c === "-" || c === ":")) return true;
  return "01234567890123456789".includes(s) || "98765432109876543210".includes(s);
}

export function isJunkUuid(uuid: string): boolean {
  const hex = uuid.toLowerCase().replaceAll("-", "");
  if (hex.length < 8 || isJunkSerial(hex)) return true;
  return hex.startsWith("12345678") || hex.startsWith("0123456789ab");
}

/** 127/8, 10/8, 192.168/16 and 0/8, in hex: addresses that mean another host at every site. */
const SHARED_IPV4 = ["7f", "0a", "c0a8", "00"];

/**
 * Engine ids that many hosts share (RFC 3411, 5: SnmpEngineID): a loopback or private address as id, zeros, or too short to hold an id.
 */
export function isDefaultEngineId(engineId: string): boolean {
  const hex = engineId.toLowerCase();
  if (!/^[0-9a-f]{10,64}$/.test(hex) || /^(.)\1*$/.test(hex)) return true;
  // After four octets of enterprise comes a format octet: 1 is IPv4, 4 text, 5 octets.
  const format = hex.slice(8, 10);
  const id = hex.slice(10);
  if (/^0*$/.test(id) || "0102030405060708090a0b0c0d0e0f10".startsWith(id)) return true;
  return format === "01" && SHARED_IPV4.some((prefix) => id.startsWith(prefix));
}

function upnpClaims(seen: Seen, out: Claim[]): void {
  const d = factsAs(seen, "upnp.description");
  if (d === null) return;
  const udn = d.udn.trim().toLowerCase();
  if (udn !== "") out.push({ kind: "uuid", value: udn, joins: !isJunkUuid(udn) });
  serialClaim(d.manufacturer, d.modelName, d.serialNumber, out);
}

function serialClaim(manufacturer: string, model: string, serialNumber: string, out: Claim[]): void {
  const [vendor, name, serial] = [manufacturer.trim(), model.trim(), serialNumber.trim()];
  if (serial === "") return;
  const whole = vendor !== "" && name !== "";
  out.push({ kind: "serial", value: `${vendor}|${name}|${serial}`.toLowerCase(), joins: whole && !isJunkSerial(serial) });
}

function snmpClaims(seen: Seen, out: Claim[]): void {
  const s = factsAs(seen, "snmp.system");
  if (s === null) return;
  if (s.engineId !== undefined && s.engineId !== "")
    out.push({ kind: "engine-id", value: s.engineId.toLowerCase(), joins: !isDefaultEngineId(s.engineId) });
  for (const i of s.interfaces) {
    const mac = i.physicalAddress.toLowerCase();
    if (mac !== "") out.push({ kind: "if-mac", value: mac, joins: isHardwareMac(mac) });
  }
  if (s.name !== "") out.push({ kind: "host-name", value: s.name.toLowerCase(), joins: false });
}

/** Everything one observation says about who the host is. Multicast never gives a claim that joins: anybody can send it. */
export function claimsOf(seen: Seen): Claim[] {
  const out: Claim[] = [];
  if (seen.link !== null && seen.outcome === "identified") out.push({ kind: "mac", value: seen.link, joins: isHardwareMac(seen.link) });
  upnpClaims(seen, out);
  const onvif = factsAs(seen, "onvif.device");
  if (onvif !== null) serialClaim(onvif.manufacturer, onvif.model, onvif.serialNumber, out);
  snmpClaims(seen, out);
  const tls = factsAs(seen, "tls.handshake");
  const key = tls?.chain[0]?.spkiSha256;
  if (key !== undefined && key !== "") out.push({ kind: "key", value: key, joins: false });
  const mdns = factsAs(seen, "mdns.browse");
  for (const s of mdns?.services ?? []) out.push({ kind: "mdns-instance", value: `${s.instance}.${s.type}`, joins: false });
  for (const h of mdns?.hostNames ?? []) out.push({ kind: "host-name", value: h.toLowerCase(), joins: false });
  return out;
}

/**
 * UUIDs that SSDP ("uuid:X::urn:…") and WS-Discovery ("urn:uuid:X") tell: no proof of who the host is, but a sign that a host known by X is still
 * there.
 */
export function announcedUuids(seen: Seen): string[] {
  const usns = factsAs(seen, "ssdp.search")?.services.map((s) => s.usn) ?? [];
  const notify = factsAs(seen, "ssdp.notify");
  if (notify !== null && notify.kind !== "ssdp:byebye") usns.push(notify.usn);
  for (const { endpoint } of factsAs(seen, "wsd.probe")?.targets ?? []) usns.push(endpoint.replace(/^urn:/i, ""));
  return usns.flatMap((usn) => (usn.toLowerCase().startsWith("uuid:") ? [(usn.slice(5).split("::")[0] ?? "").toLowerCase()] : []));
}
