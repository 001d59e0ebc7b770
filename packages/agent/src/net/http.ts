/** A client of its own for HTTP/1.1: one request per connection, capped, never following anything. RFC 9112. */
import { classify, fault } from "../classify.ts";
import type { Fault } from "../probe/probe.ts";
import { type Dial, DialError, type StreamOptions } from "./dial.ts";
import { decimalField, field, type Head, parseHead, parseStatusLine } from "./head.ts";
import { StreamReader } from "./stream-reader.ts";

const MAX_HEAD = 16 * 1024;

export interface HttpRequest {
  readonly address: string;
  readonly port: number;
  /** As it stands in the request line; begins with "/". */
  readonly path: string;
  readonly tls: boolean;
  /** Body bytes read; the rest is left unread. */
  readonly maxBody: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly head: Head;
  readonly headBytes: Uint8Array;
  readonly body: Uint8Array;
  /** Why the body is not whole: its cap, its framing, or the network. */
  readonly fault?: Fault;
}

/** What a POST carries. */
export interface HttpContent {
  /** One line, without CR and LF. */
  readonly type: string;
  readonly text: string;
}

/** @throws DialError before a whole head came, WireError where the head is not HTTP */
export function httpGet(dial: Dial, request: HttpRequest): Promise<HttpAnswer> {
  return exchange(dial, request, `${requestHead("GET", request)}\r\n`);
}

/** Only for operations that read: whoever calls it keeps their list. @throws as httpGet */
export function httpPost(dial: Dial, request: HttpRequest, { type, text }: HttpContent): Promise<HttpAnswer> {
  const length = Buffer.byteLength(text);
  return exchange(dial, request, `${requestHead("POST", request)}Content-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${text}`);
}

async function exchange(dial: Dial, request: HttpRequest, text: string): Promise<HttpAnswer> {
  const options: StreamOptions = { maxBytes: MAX_HEAD + request.maxBody * 2, ...(request.tls ? { tls: {} } : {}) };
  const stream = await dial.tcp(request.address, request.port, options);
  try {
    await stream.write(Buffer.from(text));
    const reader = new StreamReader(stream);
    const headBytes = await reader.head(MAX_HEAD, (line) => void parseStatusLine(line, "HTTP"));
    const head = parseHead(headBytes);
    const { status } = parseStatusLine(head.firstLine, "HTTP");
    const body = status === 204 || status === 304 ? { body: Buffer.alloc(0) } : await readBody(reader, head, request.maxBody);
    return { status, head, headBytes, ...body };
  } finally {
    stream.close();
  }
}

export function authority(address: string, port: number): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** A path that may stand in a request line: absolute, visible ASCII, not longer than a device would announce. */
export function isRequestPath(path: string): boolean {
  return /^\/[\x21-\x7e]{0,1023}$/.test(path);
}

function requestHead(method: "GET" | "POST", { address, port, path, tls }: HttpRequest): string {
  if (!isRequestPath(path)) throw new RangeError("the path cannot stand in a request line");
  const usual = port === (tls ? 443 : 80);
  const host = usual ? authority(address, port).replace(/:\d+$/, "") : authority(address, port);
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: Vedette\r\nAccept: */*\r\nConnection: close\r\n`;
}

async function readBody(reader: StreamReader, head: Head, max: number): Promise<{ body: Buffer; fault?: Fault }> {
  const parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer): void => {
    const room = part.subarray(0, max - size);
    parts.push(room);
    size += room.length;
    if (room.length < part.length) throw new DialError(fault("response", "too-large"));
  };
  try {
    if (field(head, "transfer-encoding").toLowerCase().endsWith("chunked")) await readChunks(reader, keep);
    else await readPlain(reader, keep, decimalField(head, "content-length", Number.MAX_SAFE_INTEGER));
    return { body: Buffer.concat(parts) };
  } catch (error) {
    return { body: Buffer.concat(parts), fault: classify(error, "response") };
  }
}

async function readPlain(reader: StreamReader, keep: (part: Buffer) => void, length: number | undefined): Promise<void> {
  for (let left = length ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const part = await reader.upTo(Math.min(left, 65_536));
    if (!part) {
      if (length !== undefined) throw new DialError(fault("response", "closed"));
      return;
    }
    keep(part);
    left -= part.length;
  }
}

async function readChunks(reader: StreamReader, keep: (part: Buffer) => void): Promise<void> {
  for (;;) {
    const size = /^([0-9a-f]{1,7})\s*(?:;[^\n]*)?\r?\n$/i.exec((await reader.line(256)).toString("latin1"))?.[1];
    if (size === undefined) throw new DialError(fault("decode", "malformed"));
    let left = Number.parseInt(size, 16);
    if (left === 0) return;
    while (left > 0) {
      const part = await reader.upTo(left);
      if (!part) throw new DialError(fault("response", "closed"));
      keep(part);
      left -= part.length;
    }
    await reader.line(2);
  }
}
