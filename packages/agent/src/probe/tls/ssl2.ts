/** SSL 2.0: its hello and whether the answer is one of its own (The SSL Protocol, Hickman 1995). Whether it is there is all we ask. */
import { concat, Reader, uint, WireError } from "./reader.ts";

/** The seven cipher kinds of the draft. */
const CIPHER_KINDS = [0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700c0];
const SERVER_HELLO = 4;

export function encodeSsl2Hello(challenge: Uint8Array): Uint8Array {
  const kinds = CIPHER_KINDS.flatMap((kind) => uint(kind, 3));
  const body = concat([1, 0, 2], uint(kinds.length, 2), [0, 0], uint(challenge.length, 2), kinds, challenge);
  return concat(uint(0x8000 | body.length, 2), body);
}

/**
 * True: an SSL 2.0 SERVER-HELLO; false: anything else that is whole (a TLS alert, an SSL 2.0 error); undefined: more bytes are needed.
 * A SERVER-HELLO without cipher kinds is a refusal.
 */
export function isSsl2ServerHello(bytes: Uint8Array): boolean | undefined {
  if (bytes.length < 2) return undefined;
  const reader = new Reader(bytes);
  const header = reader.uint(2);
  if ((header & 0x8000) === 0) return false;
  const length = header & 0x7fff;
  if (length < 11) return false;
  if (reader.left < 11) return reader.left > 0 && bytes[2] !== SERVER_HELLO ? false : undefined;
  try {
    if (reader.uint(1) !== SERVER_HELLO) return false;
    reader.take(2);
    if (reader.uint(2) !== 2) return false;
    reader.take(2);
    return reader.uint(2) > 0;
  } catch (error) {
    if (error instanceof WireError) return false;
    throw error;
  }
}
