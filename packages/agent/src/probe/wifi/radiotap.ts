/** What stands before an 802.11 frame in a capture: radiotap (radiotap.org), Prism, AVS, PPI, or nothing. */
import { crc32 } from "node:zlib";
import { CaptureError, Cursor } from "./cursor.ts";
import type { Packet } from "./pcap.ts";

export const LINK = { ieee80211: 105, prism: 119, radiotap: 127, avs: 163, ppi: 192 } as const;

export interface RadioFrame {
  /** The 802.11 frame without its check sequence. */
  readonly bytes: Uint8Array;
  readonly signalDbm?: number;
}

const FCS_LENGTH = 4;
const RADIOTAP_FLAG = { fcsAtEnd: 0x10, badFcs: 0x40 } as const;
const AVS_MAGIC = 0x8021_1001;
/** PPI's 802.11-Common field. */
const PPI_COMMON = 2;

/** Undefined where the link type is none of 802.11. @throws CaptureError where the header is malformed or the frame's sum is wrong */
export function radioFrame(packet: Packet): RadioFrame | undefined {
  const cut = packet.bytes.length < packet.originalLength;
  switch (packet.linkType) {
    case LINK.ieee80211:
      return { bytes: withoutFcs(packet.bytes, cut) };
    case LINK.radiotap:
      return radiotap(packet.bytes, cut);
    case LINK.prism:
      return prism(packet.bytes, cut);
    case LINK.avs:
      return { bytes: withoutFcs(avs(packet.bytes), cut) };
    case LINK.ppi:
      return ppi(packet.bytes, cut);
    default:
      return undefined;
  }
}

function radiotap(bytes: Uint8Array, cut: boolean): RadioFrame {
  const cursor = new Cursor(bytes);
  if (cursor.u8() !== 0) throw new CaptureError("radiotap version is not 0");
  cursor.u8();
  const length = cursor.u16();
  if (length > bytes.length || length < 8) throw new CaptureError("radiotap header is longer than the packet");
  const header = new Cursor(bytes.subarray(0, length));
  header.take(4);
  const present = header.u32();
  for (let more = present; (more & 0x8000_0000) !== 0; ) more = header.u32();
  const has = (bit: number) => (present & (1 << bit)) !== 0;
  if (has(0)) {
    header.align(8);
    header.take(8);
  }
  const flags = has(1) ? header.u8() : 0;
  if (has(2)) header.u8();
  if (has(3)) {
    header.align(2);
    header.take(4);
  }
  if (has(4)) header.take(2);
  const signalDbm = has(5) ? header.i8() : undefined;
  if ((flags & RADIOTAP_FLAG.badFcs) !== 0) throw new CaptureError("frame check sequence is wrong");
  const frame = bytes.subarray(length);
  const stripped = (flags & RADIOTAP_FLAG.fcsAtEnd) !== 0 && !cut ? checkedFcs(frame) : withoutFcs(frame, cut);
  return { bytes: stripped, ...(signalDbm === undefined ? {} : { signalDbm }) };
}

/** 144 bytes in the usual form; an AVS header may stand under the same link type. */
function prism(bytes: Uint8Array, cut: boolean): RadioFrame {
  const first = new Cursor(bytes, false).u32();
  if (first === AVS_MAGIC) return { bytes: withoutFcs(avs(bytes), cut) };
  const cursor = new Cursor(bytes);
  cursor.u32();
  const length = cursor.u32();
  if (length < 24 || length > bytes.length) throw new CaptureError("Prism header is longer than the packet");
  return { bytes: withoutFcs(bytes.subarray(length), cut) };
}

function avs(bytes: Uint8Array): Uint8Array {
  const cursor = new Cursor(bytes, false);
  if (cursor.u32() !== AVS_MAGIC) throw new CaptureError("not an AVS header");
  const length = cursor.u32();
  if (length < 8 || length > bytes.length) throw new CaptureError("AVS header is longer than the packet");
  return bytes.subarray(length);
}

function ppi(bytes: Uint8Array, cut: boolean): RadioFrame {
  const cursor = new Cursor(bytes);
  if (cursor.u8() !== 0) throw new CaptureError("PPI version is not 0");
  cursor.u8();
  const length = cursor.u16();
  const inner = cursor.u32();
  if (length < 8 || length > bytes.length) throw new CaptureError("PPI header is longer than the packet");
  if (inner !== LINK.ieee80211) throw new CaptureError("PPI holds no 802.11 frame");
  const fields = new Cursor(bytes.subarray(8, length));
  let signalDbm: number | undefined;
  while (fields.left >= 4) {
    const type = fields.u16();
    const body = fields.take(fields.u16());
    if (type !== PPI_COMMON || body.length < 20) continue;
    const common = new Cursor(body);
    common.take(18);
    signalDbm = common.i8();
  }
  return { bytes: withoutFcs(bytes.subarray(length), cut), ...(signalDbm === undefined ? {} : { signalDbm }) };
}

/** Not every capture says whether check sequences were kept: a sum that fits is one. */
function withoutFcs(frame: Uint8Array, cut: boolean): Uint8Array {
  return !cut && fcsFits(frame) ? frame.subarray(0, -FCS_LENGTH) : frame;
}

function checkedFcs(frame: Uint8Array): Uint8Array {
  if (!fcsFits(frame)) throw new CaptureError("frame check sequence is wrong");
  return frame.subarray(0, -FCS_LENGTH);
}

function fcsFits(frame: Uint8Array): boolean {
  if (frame.length < FCS_LENGTH + 10) return false;
  const body = frame.subarray(0, -FCS_LENGTH);
  return crc32(body) === new Cursor(frame.subarray(-FCS_LENGTH)).u32();
}
