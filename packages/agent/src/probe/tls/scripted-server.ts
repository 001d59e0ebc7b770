/** A TLS server for tests that answers each ClientHello by script, on loopback port 0. Its bytes are its own. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

export interface SeenHello {
  /** Highest version offered, whichever way. */
  readonly version: number;
  readonly suites: readonly number[];
  readonly compression: readonly number[];
  /** Extension bodies by number. */
  readonly extensions: ReadonlyMap<number, Buffer>;
}

export type Script = (hello: SeenHello, socket: Socket) => void;

export interface ScriptedServer {
  readonly port: number;
  close(): void;
}

/** `raw` sees the first bytes of each connection instead, whatever they are. */
export async function scriptedServer(script: Script | { raw(bytes: Buffer, socket: Socket): void }): Promise<ScriptedServer> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    let pending = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      if (typeof script !== "function") return script.raw(pending, socket);
      if (pending[0] !== 22) return socket.end();
      if (pending.length < 5 || pending.length < 5 + pending.readUInt16BE(3)) return;
      script(readHello(pending.subarray(5)), socket);
      pending = Buffer.alloc(0);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function readHello(message: Buffer): SeenHello {
  let at = 4;
  const number = (size: number) => {
    at += size;
    return message.readUIntBE(at - size, size);
  };
  const vector = (size: number) => {
    const length = number(size);
    at += length;
    return message.subarray(at - length, at);
  };
  const legacy = number(2);
  at += 32;
  vector(1);
  const suites = vector(2);
  const compression = vector(1);
  const extensions = new Map<number, Buffer>();
  const end = at < message.length ? at + 2 + message.readUInt16BE(at) : at;
  for (at += 2; at < end; ) extensions.set(number(2), vector(2));
  const versions = extensions.get(43);
  return {
    version: versions === undefined ? legacy : versions.readUInt16BE(1),
    suites: Array.from({ length: suites.length / 2 }, (_, i) => suites.readUInt16BE(i * 2)),
    compression: [...compression],
    extensions,
  };
}

function number(value: number, size: number): Buffer {
  const out = Buffer.alloc(size);
  out.writeUIntBE(value, 0, size);
  return out;
}

export function record(type: number, version: number, body: Buffer): Buffer {
  return Buffer.concat([number(type, 1), number(version, 2), number(body.length, 2), body]);
}

export function alert(code: number, level = 2): Buffer {
  return record(21, 0x0301, Buffer.from([level, code]));
}

export function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([number(type, 1), number(body.length, 3), body]);
}

export interface HelloParts {
  readonly version: number;
  readonly suite: number;
  readonly compression?: number;
  readonly random?: Buffer;
  readonly extensions?: readonly (readonly [number, Buffer])[];
}

export function serverHello({ version, suite, compression = 0, random = Buffer.alloc(32, 7), extensions = [] }: HelloParts): Buffer {
  const list = Buffer.concat(extensions.map(([type, body]) => Buffer.concat([number(type, 2), number(body.length, 2), body])));
  const tail = extensions.length === 0 ? Buffer.alloc(0) : Buffer.concat([number(list.length, 2), list]);
  return message(
    2,
    Buffer.concat([number(Math.min(version, 0x0303), 2), random, Buffer.from([0]), number(suite, 2), Buffer.from([compression]), tail]),
  );
}

export const RETRY_RANDOM = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");

export function certificates(...chain: readonly Buffer[]): Buffer {
  const list = Buffer.concat(chain.map((der) => Buffer.concat([number(der.length, 3), der])));
  return message(11, Buffer.concat([number(list.length, 3), list]));
}

/** ServerKeyExchange with a prime of so many bits. */
export function weakDiffieHellman(bits: number): Buffer {
  const prime = Buffer.alloc(bits / 8, 0xff);
  const share = Buffer.from([1]);
  return message(12, Buffer.concat([number(prime.length, 2), prime, number(1, 2), Buffer.from([2]), number(1, 2), share, number(0, 2)]));
}

export const CERTIFICATE_REQUEST = message(13, Buffer.from("0101000004010203040000".slice(0, 12), "hex"));
export const SERVER_HELLO_DONE = message(14, Buffer.alloc(0));

export function flight(version: number, ...messages: readonly Buffer[]): Buffer {
  return record(22, Math.min(version, 0x0303), Buffer.concat(messages));
}
