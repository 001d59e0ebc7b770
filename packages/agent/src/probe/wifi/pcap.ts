/** The classic capture format, both byte orders, micro- and nanoseconds (draft-ietf-opsawg-pcap). */
import { CaptureError, Cursor } from "./cursor.ts";

/** One captured packet as it was stored. */
export interface Packet {
  /** LINKTYPE_ value. */
  readonly linkType: number;
  readonly bytes: Uint8Array;
  /** Length on the air; more than `bytes` where the capture was cut. */
  readonly originalLength: number;
}

/** Takes a byte stream in pieces of any size. */
export interface CaptureDecoder {
  /** @throws CaptureError */
  push(bytes: Uint8Array): Packet[];
  /** True where the stream may end here. */
  readonly atBoundary: boolean;
}

/** No 802.11 frame comes near it. */
export const MAX_PACKET = 262_144;

const HEADER_LENGTH = 24;
const RECORD_LENGTH = 16;

/** Byte order by the first four bytes as they stand in the file. */
const LITTLE: ReadonlyMap<string, boolean> = new Map([
  ["a1b2c3d4", false],
  ["d4c3b2a1", true],
  ["a1b23c4d", false],
  ["4d3cb2a1", true],
]);

export function isPcap(magic: Uint8Array): boolean {
  return LITTLE.has(Buffer.from(magic.subarray(0, 4)).toString("hex"));
}

export class PcapDecoder implements CaptureDecoder {
  #pending: Uint8Array = new Uint8Array();
  #header: { readonly little: boolean; readonly linkType: number } | undefined;

  get atBoundary(): boolean {
    return this.#pending.length === 0;
  }

  push(bytes: Uint8Array): Packet[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    if (this.#header === undefined && !this.#readHeader()) return [];
    const out: Packet[] = [];
    for (let packet = this.#next(); packet !== undefined; packet = this.#next()) out.push(packet);
    return out;
  }

  #readHeader(): boolean {
    if (this.#pending.length < HEADER_LENGTH) return false;
    const little = LITTLE.get(Buffer.from(this.#pending.subarray(0, 4)).toString("hex"));
    if (little === undefined) throw new CaptureError("not a pcap file");
    const cursor = new Cursor(this.#pending.subarray(20, HEADER_LENGTH), little);
    // The upper bits tell about a frame check sequence; the type is in the lower ones.
    this.#header = { little, linkType: cursor.u32() & 0x0fff_ffff };
    this.#pending = this.#pending.subarray(HEADER_LENGTH);
    return true;
  }

  #next(): Packet | undefined {
    if (this.#header === undefined || this.#pending.length < RECORD_LENGTH) return undefined;
    const cursor = new Cursor(this.#pending, this.#header.little);
    cursor.take(8);
    const length = cursor.u32();
    const originalLength = cursor.u32();
    if (length > MAX_PACKET) throw new CaptureError("packet is longer than any frame");
    if (cursor.left < length) return undefined;
    const bytes = cursor.take(length);
    this.#pending = this.#pending.subarray(RECORD_LENGTH + length);
    return { linkType: this.#header.linkType, bytes, originalLength };
  }
}
