/** BER written by hand, for answers that no library would make. ITU-T X.690, RFC 3416. */

export const TAG = { integer: 0x02, octets: 0x04, null: 0x05, oid: 0x06, sequence: 0x30, response: 0xa2 } as const;

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

/** A v2c Response-PDU under the community "public". */
export function response(requestId: Uint8Array, errorStatus: number, bindings: readonly [string, Uint8Array][]): Uint8Array {
  const list = element(TAG.sequence, ...bindings.map(([o, v]) => element(TAG.sequence, oid(o), v)));
  const pdu = element(TAG.response, element(TAG.integer, requestId), integer(errorStatus), integer(0), list);
  return element(TAG.sequence, integer(1), element(TAG.octets, Buffer.from("public")), pdu);
}

/** The request id's own bytes, of a request under the community "public" that is shorter than 128 bytes or not. */
export function requestIdOf(request: Buffer): Buffer {
  const community = request.indexOf("public");
  // Behind it: PDU tag, length (one byte, or 0x81 and one), then the id.
  const at = community + 6 + 2 + ((request[community + 7] ?? 0) & 0x80 ? 1 : 0);
  return request.subarray(at + 2, at + 2 + (request[at + 1] ?? 0));
}
