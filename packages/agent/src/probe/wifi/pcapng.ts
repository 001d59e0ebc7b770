/** The block format: sections in either byte order, several interfaces (draft-ietf-opsawg-pcapng). */
import { CaptureError, Cursor } from "./cursor.ts";
import { type CaptureDecoder, MAX_PACKET, type Packet } from "./pcap.ts";

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAX_BLOCK = 2 ** 24;
const MAX_INTERFACES = 1_024;

export function isPcapng(magic: Uint8Array): boolean {
  return Buffer.from(magic.subarray(0, 4)).toString("hex") === "0a0d0d0a";
}

export class PcapngDecoder implements CaptureDecoder {
  #pending: Uint8Array = new Uint8Array();
  #little = true;
  #interfaces: { readonly linkType: number; readonly snapLength: number }[] = [];

  get atBoundary(): boolean {
    return this.#pending.length === 0;
  }

  push(bytes: Uint8Array): Packet[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const out: Packet[] = [];
    while (this.#pending.length >= 12) {
      const length = this.#blockLength();
      if (this.#pending.length < length) break;
      const packet = this.#block(this.#pending.subarray(0, length));
      if (packet !== undefined) out.push(packet);
      this.#pending = this.#pending.subarray(length);
    }
    return out;
  }

  /** A section header tells the byte order of everything after it, its own length included. */
  #blockLength(): number {
    if (isPcapng(this.#pending)) {
      const magic = new Cursor(this.#pending.subarray(8, 12), true).u32();
      this.#little = magic === BYTE_ORDER_MAGIC;
      if (!this.#little && new Cursor(this.#pending.subarray(8, 12), false).u32() !== BYTE_ORDER_MAGIC)
        throw new CaptureError("no byte order");
    }
    const length = new Cursor(this.#pending.subarray(4, 8), this.#little).u32();
    if (length < 12 || length % 4 !== 0 || length > MAX_BLOCK) throw new CaptureError("block length is impossible");
    return length;
  }

  #block(bytes: Uint8Array): Packet | undefined {
    const cursor = new Cursor(bytes.subarray(0, -4), this.#little);
    const type = cursor.u32();
    cursor.u32();
    switch (type) {
      case BLOCK.section:
        this.#interfaces = [];
        return undefined;
      case BLOCK.interface: {
        if (this.#interfaces.length === MAX_INTERFACES) throw new CaptureError("more interfaces than any capture has");
        const linkType = cursor.u16();
        cursor.u16();
        this.#interfaces.push({ linkType, snapLength: cursor.u32() });
        return undefined;
      }
      case BLOCK.enhancedPacket: {
        const at = cursor.u32();
        cursor.take(8);
        return this.#packet(at, cursor, cursor.u32(), cursor.u32());
      }
      case BLOCK.packet: {
        const at = cursor.u16();
        cursor.take(10);
        return this.#packet(at, cursor, cursor.u32(), cursor.u32());
      }
      case BLOCK.simplePacket: {
        const originalLength = cursor.u32();
        const snapLength = this.#interfaces[0]?.snapLength ?? 0;
        return this.#packet(0, cursor, Math.min(originalLength, snapLength === 0 ? originalLength : snapLength), originalLength);
      }
      default:
        return undefined;
    }
  }

  #packet(at: number, cursor: Cursor, length: number, originalLength: number): Packet {
    const from = this.#interfaces[at];
    if (from === undefined) throw new CaptureError("packet of an interface that is not described");
    if (length > MAX_PACKET) throw new CaptureError("packet is longer than any frame");
    return { linkType: from.linkType, bytes: cursor.take(length), originalLength };
  }
}
