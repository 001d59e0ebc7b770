/** Management frames that tell how a BSS is protected (IEEE 802.11-2020, 9.3.3). */
import { CaptureError, Cursor } from "./cursor.ts";
import { decodeElements, type Elements } from "./element.ts";

export type FrameKind = "beacon" | "probe-response" | "association-request";

export interface ManagementFrame {
  readonly kind: FrameKind;
  /** "00:11:22:33:44:55" */
  readonly bssid: string;
  /** Transmitter. */
  readonly source: string;
  /** Capability bit "Privacy". */
  readonly privacy: boolean;
  readonly elements: Elements;
}

const SUBTYPES: Readonly<Record<number, { readonly kind: FrameKind; readonly fixed: number; readonly capability: number } | undefined>> = {
  // fixed: bytes before the elements; capability: where its 16 bits stand among them.
  0: { kind: "association-request", fixed: 4, capability: 0 },
  2: { kind: "association-request", fixed: 10, capability: 0 },
  5: { kind: "probe-response", fixed: 12, capability: 10 },
  8: { kind: "beacon", fixed: 12, capability: 10 },
};

const PROTECTED = 0x40;
const ORDER = 0x80;
const PRIVACY = 0x10;

/** Undefined for every other frame. @throws CaptureError where one of these is malformed */
export function decodeFrame(bytes: Uint8Array): ManagementFrame | undefined {
  const cursor = new Cursor(bytes);
  const control = cursor.u8();
  const flags = cursor.u8();
  if ((control & 0x03) !== 0) throw new CaptureError("frame version is not 0");
  if ((control & 0x0c) !== 0) return undefined;
  const form = SUBTYPES[control >> 4];
  if (form === undefined || (flags & PROTECTED) !== 0) return undefined;
  cursor.take(2 + 6);
  const source = addressText(cursor.take(6));
  const bssid = addressText(cursor.take(6));
  cursor.take(2);
  // An HT Control field stands here where the order bit is set (9.2.4.6).
  if ((flags & ORDER) !== 0) cursor.take(4);
  const fixed = cursor.take(form.fixed);
  const capability = new Cursor(fixed.subarray(form.capability)).u16();
  return { kind: form.kind, bssid, source, privacy: (capability & PRIVACY) !== 0, elements: decodeElements(cursor.take(cursor.left)) };
}

function addressText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
