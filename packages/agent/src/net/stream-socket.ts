/** One TCP or TLS connection as a `Stream`: pulled, capped, ended by the run's signal. */
import { createConnection, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { classify, fault } from "../classify.ts";
import type { Phase } from "../probe/probe.ts";
import { DialError, type Stream, type StreamOptions } from "./dial.ts";
import type { Meter } from "./meter.ts";

const DEFAULT_CONNECT_MS = 5_000;
const DEFAULT_MAX_BYTES = 2 ** 20;

export interface StreamRequest {
  readonly host: string;
  readonly port: number;
  readonly from?: string;
  readonly options: StreamOptions;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

/** @throws DialError of phase connect or tls */
export async function openStream(request: StreamRequest): Promise<Stream> {
  const { host, port, from, options, signal } = request;
  const endsAt = performance.now() + (options.connectMs ?? DEFAULT_CONNECT_MS);
  const raw = createConnection({ host, port, autoSelectFamily: false, noDelay: true, ...(from ? { localAddress: from } : {}) });
  // Errors are also read from `socket.errored` later; without a listener they would end the process.
  raw.on("error", () => undefined);
  const settle = meterSocket(raw, request.meter);
  await ready({ socket: raw, event: "connect", phase: "connect", endsAt, signal, settle });
  if (!options.tls) return new SocketStream(raw, settle, request);

  const secure = connectTls({
    socket: raw,
    // We look at what is there: nothing is trusted by this connection, and old peers must be seen too.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    minVersion: options.tls.minVersion ?? "TLSv1",
    ciphers: "DEFAULT@SECLEVEL=0",
    ...(options.tls.alpn ? { ALPNProtocols: [...options.tls.alpn] } : {}),
  });
  secure.on("error", () => undefined);
  await ready({ socket: secure, event: "secureConnect", phase: "tls", endsAt, signal, settle });
  return new SocketStream(secure, settle, request);
}

/** Returns what adds the socket's bytes to the meter, once; a destroyed socket still knows them. */
function meterSocket(raw: Socket, meter: Meter): () => void {
  let settled = false;
  return () => {
    if (settled) return;
    settled = true;
    raw.destroy();
    meter.bytesIn += raw.bytesRead;
    meter.bytesOut += raw.bytesWritten;
  };
}

interface Rising {
  readonly socket: Socket;
  readonly event: "connect" | "secureConnect";
  readonly phase: Phase;
  /** On the scale of performance.now(). */
  readonly endsAt: number;
  readonly signal: AbortSignal;
  readonly settle: () => void;
}

/** Waits for one event of a socket that is coming up; whatever comes instead destroys it. */
function ready({ socket, event, phase, endsAt, signal, settle }: Rising): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: DialError): void => {
      off();
      socket.destroy();
      settle();
      reject(error);
    };
    const onReady = (): void => {
      off();
      resolve();
    };
    const onError = (error: Error): void =>
      fail(new DialError(isFin(error) ? fault(phase, "closed", undefined, error) : classify(error, phase)));
    const onClose = (): void => fail(new DialError(fault(phase, "closed")));
    const onAbort = (): void => fail(new DialError(fault(phase, "timeout")));
    const off = (): void => {
      clearTimeout(timer);
      socket.off(event, onReady).off("error", onError).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    const timer = setTimeout(onAbort, Math.max(0, endsAt - performance.now()));
    socket.once(event, onReady).once("error", onError).once("close", onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** Node reports a FIN in the middle of a TLS handshake as ECONNRESET, but without the system call that a real reset names. */
function isFin(error: Error): boolean {
  return "code" in error && error.code === "ECONNRESET" && !("syscall" in error);
}

class SocketStream implements Stream {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #settle: () => void;
  readonly #signal: AbortSignal;
  #left: number;
  #error: Error | undefined;

  constructor(socket: Socket, settle: () => void, { options, signal }: StreamRequest) {
    this.#socket = socket;
    this.#settle = settle;
    this.#signal = signal;
    this.#left = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.localAddress = socket.localAddress ?? "";
    this.remoteAddress = socket.remoteAddress ?? "";
    signal.addEventListener("abort", this.#onAbort, { once: true });
    // A TLS alert after the handshake is emitted without setting `errored`.
    socket.on("error", (error) => {
      this.#error ??= error;
    });
  }

  readonly #onAbort = (): void => {
    this.#socket.destroy(new DialError(fault("response", "timeout")));
  };

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#signal.aborted) return reject(new DialError(fault("request", "timeout")));
      const failed = (error: Error | null | undefined): void => {
        this.#socket.off("close", onClose);
        if (error) reject(new DialError(this.#signal.aborted ? fault("request", "timeout") : classify(error, "request")));
        else resolve();
      };
      const onClose = (): void => failed(this.#socket.errored ?? new DialError(fault("request", "closed")));
      // A socket that was destroyed under a full send buffer never calls back.
      this.#socket.once("close", onClose);
      if (this.#socket.writable) this.#socket.write(bytes, failed);
      else onClose();
    });
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const chunk: Uint8Array | null = this.#socket.read();
      if (chunk) return this.#count(chunk);
      if (this.#signal.aborted) throw new DialError(fault("response", "timeout"));
      const error = this.#socket.errored ?? this.#error;
      if (error) throw new DialError(classify(error, "response"));
      if (this.#socket.readableEnded || this.#socket.destroyed) return null;
      await this.#change();
    }
  }

  peerChain(): readonly Uint8Array[] {
    if (!("getPeerX509Certificate" in this.#socket)) return [];
    const chain: Uint8Array[] = [];
    // Issuers may come from a cycle in what the peer sent.
    for (let c = (this.#socket as TLSSocket).getPeerX509Certificate(); c && chain.length < 16; c = c.issuerCertificate) {
      if (chain.some((seen) => Buffer.compare(seen, c?.raw ?? seen) === 0)) break;
      chain.push(c.raw);
    }
    return chain;
  }

  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#socket.destroy();
    this.#settle();
  }

  #count(chunk: Uint8Array): Uint8Array {
    this.#left -= chunk.length;
    if (this.#left >= 0) return chunk;
    this.close();
    throw new DialError(fault("response", "too-large"));
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const events = ["readable", "end", "error", "close"] as const;
      const done = (): void => {
        for (const e of events) this.#socket.off(e, done);
        resolve();
      };
      for (const e of events) this.#socket.once(e, done);
    });
  }
}
