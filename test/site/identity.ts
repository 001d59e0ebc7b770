/** What belongs to one unit alone: made from the seed, so that the same seed gives the same site. */
import { createHash } from "node:crypto";
import type { PersonaForm } from "./form.ts";

export interface Identity {
  /** Without "uuid:". */
  readonly udn: string;
  readonly serial: string;
  /** Base link address, "00:00:5e:00:53:40"; interface n has it plus n. RFC 7042, 2.1.2: reserved for documentation. */
  readonly mac: string;
  /** Hex, RFC 3411 form 3 (MAC) under the enterprise number for documentation of RFC 5612. */
  readonly engineId: string;
}

function digest(seed: string, ...words: string[]): Buffer {
  return createHash("sha256")
    .update([seed, ...words].join("\0"))
    .digest();
}

/** Link address `base` plus `offset` in its last byte. */
export function linkAddress(base: string, offset: number): string {
  const bytes = base.split(":").map((part) => Number.parseInt(part, 16));
  return bytes.map((byte, at) => (at === 5 ? (byte + offset) % 256 : byte).toString(16).padStart(2, "0")).join(":");
}

export function identityOf(form: PersonaForm, seed: string): Identity {
  const uuid = digest(seed, form.name, "udn");
  uuid[6] = ((uuid[6] ?? 0) & 0x0f) | 0x50;
  uuid[8] = ((uuid[8] ?? 0) & 0x3f) | 0x80;
  const hex = uuid.toString("hex");
  const udn = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
  const serial = digest(seed, form.serialOf ?? form.name, "serial")
    .toString("hex")
    .slice(0, 10)
    .toUpperCase();
  // Sixteen link addresses a persona; the first sixteen hosts fill the reserved block.
  const block = (form.host - 10) * 16;
  const mac = `00:00:5e:00:${(0x53 + Math.floor(block / 256)).toString(16)}:${(block % 256).toString(16).padStart(2, "0")}`;
  const engineId = `80007ed903${mac.replaceAll(":", "")}`;
  return { udn, serial, mac, engineId };
}
