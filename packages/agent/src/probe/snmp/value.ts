/** Values of SNMP variables as facts hold them. SNMPv2-TC (RFC 2579), LLDP-MIB (IEEE 802.1AB-2005 12.2). */
import snmp, { type Varbind } from "net-snmp";
import { clean, decodeText } from "../../net/text.ts";

export function octetsOf(varbind: Varbind | undefined): Buffer | undefined {
  return varbind && Buffer.isBuffer(varbind.value) && !snmp.isVarbindError(varbind) ? varbind.value : undefined;
}

export function textOf(varbind: Varbind | undefined, max: number): string {
  const octets = octetsOf(varbind);
  return octets ? clean(decodeText(octets), max) : "";
}

/** A whole number of at most 32 bits; undefined for everything else. */
export function countOf(varbind: Varbind | undefined): number | undefined {
  const value = varbind && !snmp.isVarbindError(varbind) ? varbind.value : undefined;
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff ? value : undefined;
}

/** "00:11:22:33:44:55", or "" for what is no link address of six octets. */
export function linkAddressOf(octets: Uint8Array | undefined): string {
  return octets?.length === 6 ? colons(octets) : "";
}

/** An id of LLDP: a link or IPv4 address by its subtype, else text where it is printable, else hex. */
export function lldpIdOf(octets: Uint8Array | undefined, kind: "link" | "network" | "other", max: number): string {
  if (!octets) return "";
  if (kind === "link" && octets.length === 6) return colons(octets);
  // IANA address family 1 is IPv4.
  if (kind === "network" && octets.length === 5 && octets[0] === 1) return [...octets.subarray(1)].join(".");
  const isPrintable = octets.every((byte) => byte >= 0x20 && byte !== 0x7f);
  return isPrintable ? clean(decodeText(octets), max) : Buffer.from(octets).toString("hex").slice(0, max);
}

function colons(octets: Uint8Array): string {
  return Buffer.from(octets)
    .toString("hex")
    .replace(/(..)(?!$)/g, "$1:");
}
