/** Bounds-checked reading of big-endian structures (RFC 8446, 3.3). */

/** The bytes are not what the protocol says. */
export class WireError extends Error {
  override readonly name = "WireError";
}

export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws WireError where fewer bytes are left */
  take(count: number): Uint8Array {
    if (count > this.left) throw new WireError(`${count} bytes wanted, ${this.left} left`);
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }

  /** An unsigned integer of 1 to 4 bytes. */
  uint(size: 1 | 2 | 3 | 4): number {
    return this.take(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** A vector whose length stands before it in `size` bytes. */
  vector(size: 1 | 2 | 3): Uint8Array {
    return this.take(this.uint(size));
  }
}

export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function uint(value: number, size: 1 | 2 | 3 | 4): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256);
}

/** A vector with its length before it. */
export function vector(size: 1 | 2 | 3, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const body = concat(...parts);
  return concat(uint(body.length, size), body);
}
