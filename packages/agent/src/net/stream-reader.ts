/** Reads heads, lines and counted bodies off a `Stream`, each with its own cap. */
import { fault } from "../classify.ts";
import { DialError, type Stream } from "./dial.ts";

export class StreamReader {
  readonly #stream: Stream;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  /** Whether anything has come that was not yet read. */
  get pending(): boolean {
    return this.#held.length > 0;
  }

  /**
   * Up to and with the empty line (LF or CRLF).
   * @param check sees the first line once it is whole: what is another protocol need not end its head for us to know
   * @throws DialError closed, too-large, and the stream's own; what `check` throws
   */
  async head(maxBytes: number, check?: (firstLine: string) => void): Promise<Buffer> {
    let isChecked = check === undefined;
    const end = (held: Buffer, from: number): number => {
      const lf = isChecked ? -1 : held.indexOf(0x0a);
      if (lf >= 0) {
        isChecked = true;
        check?.(held.toString("latin1", 0, lf).trimEnd());
      }
      return endOfHead(held, from);
    };
    return this.#until(end, maxBytes);
  }

  /** One line with its LF. @throws DialError */
  async line(maxBytes: number): Promise<Buffer> {
    return this.#until((b, from) => b.indexOf(0x0a, from) + 1, maxBytes);
  }

  /** @throws DialError closed where the stream ends before */
  async exactly(count: number): Promise<Buffer> {
    while (this.#held.length < count) if (!(await this.#more())) throw new DialError(fault("response", "closed"));
    return this.#take(count);
  }

  /** At least one byte and at most `count`; null at the end. @throws DialError */
  async upTo(count: number): Promise<Buffer | null> {
    if (this.#held.length === 0 && !(await this.#more())) return null;
    return this.#take(Math.min(count, this.#held.length));
  }

  async #until(end: (held: Buffer, from: number) => number, maxBytes: number): Promise<Buffer> {
    let searched = 0;
    for (;;) {
      const at = end(this.#held, Math.max(0, searched - 3));
      if (at > maxBytes || (at <= 0 && this.#held.length > maxBytes)) throw new DialError(fault("response", "too-large"));
      if (at > 0) return this.#take(at);
      searched = this.#held.length;
      if (!(await this.#more())) throw new DialError(fault("response", "closed"));
    }
  }

  #take(count: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const chunk = await this.#stream.read();
    if (chunk) this.#held = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
    else this.#ended = true;
    return chunk !== null;
  }
}

/** Index behind the first empty line, or 0. */
function endOfHead(bytes: Buffer, from: number): number {
  for (let lf = bytes.indexOf(0x0a, from); lf >= 0; lf = bytes.indexOf(0x0a, lf + 1)) {
    if (bytes[lf + 1] === 0x0a) return lf + 2;
    if (bytes[lf + 1] === 0x0d && bytes[lf + 2] === 0x0a) return lf + 3;
  }
  return 0;
}
