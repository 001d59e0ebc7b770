/** Bounds-checked reading in either byte order. */

/** The bytes are not what the format says. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
}

export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, little = true) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = little;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  get at(): number {
    return this.#at;
  }

  /** @throws CaptureError where fewer bytes are left */
  take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#need(count), this.#at + count);
    this.#at += count;
    return taken;
  }

  u8(): number {
    const at = this.#need(1);
    this.#at += 1;
    return this.#view.getUint8(at);
  }

  i8(): number {
    const at = this.#need(1);
    this.#at += 1;
    return this.#view.getInt8(at);
  }

  u16(): number {
    const at = this.#need(2);
    this.#at += 2;
    return this.#view.getUint16(at, this.#little);
  }

  u32(): number {
    const at = this.#need(4);
    this.#at += 4;
    return this.#view.getUint32(at, this.#little);
  }

  /** To the next multiple of `size` from the start. */
  align(size: number): void {
    this.take((size - (this.#at % size)) % size);
  }

  #need(count: number): number {
    if (count > this.left) throw new CaptureError(`${count} bytes wanted, ${this.left} left`);
    return this.#at;
  }
}
