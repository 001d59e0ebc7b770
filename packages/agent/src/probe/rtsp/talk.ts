/** A conversation in RTSP: one connection for all requests, opened anew where the peer closes between two of them. */
import { fault } from "../../classify.ts";
import { type Dial, DialError, type Stream } from "../../net/dial.ts";
import { decimalField, field, type Head, parseHead, parseStatusLine } from "../../net/head.ts";
import { authority } from "../../net/http.ts";
import { StreamReader } from "../../net/stream-reader.ts";
import { requestText } from "./wire.ts";

const MAX_HEAD = 8 * 1024;
const MAX_BODY = 64 * 1024;

export interface RtspAnswer {
  readonly status: number;
  readonly head: Head;
  readonly headBytes: Uint8Array;
  readonly body: Uint8Array;
}

export interface RtspServer {
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
}

export class RtspTalk {
  readonly #dial: Dial;
  readonly #server: RtspServer;
  #line: { stream: Stream; reader: StreamReader } | undefined;
  #sequence = 0;

  constructor(dial: Dial, server: RtspServer) {
    this.#dial = dial;
    this.#server = server;
  }

  /** @throws DialError, WireError; the next `ask` then opens a new connection */
  async ask(method: "OPTIONS" | "DESCRIBE", path: string): Promise<RtspAnswer> {
    const reused = this.#line !== undefined;
    try {
      return await this.#exchange(method, path);
    } catch (error) {
      this.close();
      // Closed between two requests, as many cameras do after a refusal: this request was never heard.
      if (!reused || !(error instanceof DialError) || !["closed", "reset"].includes(error.fault.code)) throw error;
    }
    try {
      return await this.#exchange(method, path);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    this.#line?.stream.close();
    this.#line = undefined;
  }

  async #exchange(method: "OPTIONS" | "DESCRIBE", path: string): Promise<RtspAnswer> {
    const { stream, reader } = await this.#connected();
    const { address, port, tls } = this.#server;
    const url = `${tls ? "rtsps" : "rtsp"}://${authority(address, port)}${path}`;
    await stream.write(Buffer.from(requestText(method, url, ++this.#sequence), "latin1"));
    const headBytes = await reader.head(MAX_HEAD, (line) => void parseStatusLine(line, "RTSP"));
    const head = parseHead(headBytes);
    const { status } = parseStatusLine(head.firstLine, "RTSP");
    const length = decimalField(head, "content-length", Number.MAX_SAFE_INTEGER) ?? 0;
    if (length > MAX_BODY) throw new DialError(fault("response", "too-large"));
    const body = await reader.exactly(length);
    if (field(head, "connection").toLowerCase() === "close") this.close();
    return { status, head, headBytes, body };
  }

  async #connected(): Promise<{ stream: Stream; reader: StreamReader }> {
    if (this.#line) return this.#line;
    const { address, port, tls } = this.#server;
    const stream = await this.#dial.tcp(address, port, { maxBytes: 4 * 2 ** 20, ...(tls ? { tls: {} } : {}) });
    this.#line = { stream, reader: new StreamReader(stream) };
    return this.#line;
  }
}
