/** The part of BER that SNMP uses: definite lengths, one-byte tags. ITU-T X.690, RFC 3417 8. */
import { WireError } from "../../net/wire-error.ts";

export const TAG = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const;

/** RFC 3416: at most 128 sub-identifiers in an OID. */
const MAX_ARCS = 128;

export interface Element {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Reads elements one after the other, never beyond its bytes. */
export class BerReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** @throws WireError */
  next(): Element {
    const tag = this.#byte();
    if ((tag & 0x1f) === 0x1f) throw new WireError("a tag has more than one byte");
    const length = this.#length();
    if (length > this.#bytes.length - this.#at) throw new WireError("an element is longer than what holds it");
    const content = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return { tag, content };
  }

  /** @throws WireError where the next element has another tag */
  expect(tag: number): Uint8Array {
    const element = this.next();
    if (element.tag !== tag) throw new WireError(`tag ${element.tag} stands where ${tag} belongs`);
    return element.content;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new WireError("a length is indefinite or longer than four bytes");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    return length;
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new WireError("the bytes end within an element");
    return byte;
  }
}

/** Two's complement, at most eight bytes. @throws WireError */
export function readInteger(content: Uint8Array): number {
  if (content.length === 0 || content.length > 8) throw new WireError("an integer has no byte or more than eight");
  let value = BigInt.asIntN(8, BigInt(content[0] ?? 0));
  for (const byte of content.subarray(1)) value = value * 256n + BigInt(byte);
  return Number(value);
}

/** Counter32, Gauge32 and TimeTicks; a fifth byte of zero keeps it positive, and some agents leave it out. @throws WireError */
export function readUnsigned(content: Uint8Array): number {
  if (content.length === 0 || content.length > 9) throw new WireError("an unsigned integer has no byte or more than nine");
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

/** Dotted decimal. @throws WireError */
export function readOid(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  let open = false;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > 0xffff_ffff) throw new WireError("a sub-identifier is larger than 32 bits");
    open = byte >= 0x80;
    if (open) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    if (arcs.length > MAX_ARCS) throw new WireError("an object identifier has more than 128 arcs");
    arc = 0;
  }
  if (open || arcs.length === 0) throw new WireError("an object identifier is cut or empty");
  return arcs.join(".");
}

export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

export function integer(value: number): Uint8Array {
  const bytes = [value & 0xff];
  for (let rest = value >> 8, last = value & 0x80; rest !== (last ? -1 : 0); rest >>= 8) {
    bytes.unshift(rest & 0xff);
    last = rest & 0x80;
  }
  return element(TAG.integer, Buffer.from(bytes));
}

/** @throws RangeError where it is no OID of at least two arcs */
export function oid(dotted: string): Uint8Array {
  const [first = Number.NaN, second = Number.NaN, ...rest] = dotted.split(".").map(Number);
  if (!Number.isInteger(first) || !Number.isInteger(second) || rest.some((a) => !Number.isInteger(a))) throw new RangeError("not an OID");
  return element(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(128 + (rest % 128));
  return bytes;
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}
