/** One hello, one answer, one connection: everything that a server can do to a ClientHello as a value. */
import { fault } from "../../classify.ts";
import { DialError, type Stream } from "../../net/dial.ts";
import type { Fault, ProbeContext, Target } from "../probe.ts";
import { encodeClientHello, type Offer } from "./client-hello.ts";
import { concat, WireError } from "./reader.ts";
import { encodeSsl2Hello, isSsl2ServerHello } from "./ssl2.ts";
import { keyExchangeForm } from "./suite.ts";
import {
  decodeCertificates,
  decodeKeyExchange,
  decodeServerHello,
  FlightDecoder,
  HANDSHAKE,
  type KeyExchange,
  type Message,
  type ServerHello,
} from "./wire.ts";

/** How far the server's flight is read: to its hello, to its key exchange, or to its end. */
export type Depth = "hello" | "key-exchange" | "flight";

export interface Flight {
  readonly kind: "hello";
  readonly hello: ServerHello;
  readonly keyExchange: KeyExchange;
  readonly certificates?: readonly Uint8Array[];
  /** Whether a CertificateRequest stood in the flight; absent where the flight was not read to its end. */
  readonly certificateRequested?: boolean;
  readonly bytes: Uint8Array;
}

export type Answer =
  | Flight
  /** A TLS alert. */
  | { readonly kind: "alert"; readonly code: number }
  /** Ended or reset without an answer: how many servers refuse. */
  | { readonly kind: "hung-up"; readonly fault: Fault }
  | { readonly kind: "silent"; readonly fault: Fault }
  /** Not TLS, or beyond a cap. */
  | { readonly kind: "foreign"; readonly fault: Fault }
  /** No connection came about, or the run's deadline passed: nothing more can be asked. */
  | { readonly kind: "gone"; readonly fault: Fault };

export interface Talk {
  ask(offer: Offer, depth: (hello: ServerHello) => Depth): Promise<Answer>;
}

const MAX_FLIGHT_BYTES = 262_144;

export interface TalkOptions {
  readonly connectMs: number;
  /** Longest wait for a whole answer, ms. */
  readonly answerMs: number;
  /** 64 random bytes for a hello. */
  readonly random: () => Uint8Array;
}

export function openTalk(target: Target, cx: ProbeContext, options: TalkOptions): Talk {
  return {
    async ask(offer, depth) {
      const outcome = await exchange(target, cx, options, encodeClientHello(offer, options.random()), new FlightReader(depth));
      return outcome instanceof FlightReader ? outcome.answer() : outcome;
    },
  };
}

/** What takes an answer apart as it comes; true from `push` once it has enough. */
export interface AnswerReader {
  push(bytes: Uint8Array): boolean;
  /** True where what came so far is an answer, though the rest is missing. */
  readonly started: boolean;
}

export type Failure = Exclude<Answer, Flight | { kind: "alert" }>;

/** Sends `hello` over a connection of its own and feeds the reader until it has enough. */
export async function exchange<R extends AnswerReader>(
  target: Target,
  cx: ProbeContext,
  options: TalkOptions,
  hello: Uint8Array,
  reader: R,
): Promise<R | Failure> {
  const timer = new AbortController();
  let stream: Stream | undefined;
  try {
    stream = await cx.dial.tcp(target.address, target.port, { connectMs: options.connectMs, maxBytes: MAX_FLIGHT_BYTES });
    const late = cx.clock.sleep(options.answerMs, AbortSignal.any([timer.signal, cx.signal])).then(
      () => "late" as const,
      () => "late" as const,
    );
    const read = readAnswer(stream, hello, reader);
    read.catch(() => undefined);
    const outcome = await Promise.race([read, late]);
    if (outcome !== "late") return outcome === "whole" || reader.started ? reader : hungUp("closed");
    if (reader.started) return reader;
    return { kind: cx.signal.aborted ? "gone" : "silent", fault: fault("tls", "timeout") };
  } catch (error) {
    return failureOf(error, stream === undefined || cx.signal.aborted, reader);
  } finally {
    timer.abort();
    stream?.close();
  }
}

async function readAnswer(stream: Stream, hello: Uint8Array, reader: AnswerReader): Promise<"whole" | "ended"> {
  await stream.write(hello);
  for (;;) {
    const bytes = await stream.read();
    if (bytes === null) return "ended";
    if (reader.push(bytes)) return "whole";
  }
}

function failureOf<R extends AnswerReader>(error: unknown, gone: boolean, reader: R): R | Failure {
  if (error instanceof WireError) return { kind: "foreign", fault: fault("tls", "malformed", undefined, error) };
  if (!(error instanceof DialError)) throw error;
  const found = error.fault;
  if (gone) return { kind: "gone", fault: found };
  if (found.code === "reset" || found.code === "closed") return reader.started ? reader : hungUp(found.code);
  if (found.code === "too-large") return { kind: "foreign", fault: fault("tls", "too-large") };
  if (found.code === "timeout") return { kind: "silent", fault: fault("tls", "timeout") };
  throw error;
}

function hungUp(code: "closed" | "reset"): Failure {
  return { kind: "hung-up", fault: fault("tls", code) };
}

/** Whether the server answers in SSL 2.0, or what kept it from being known. */
export async function askSsl2(target: Target, cx: ProbeContext, options: TalkOptions): Promise<boolean | Failure> {
  const reader = new Ssl2Reader();
  const outcome = await exchange(target, cx, options, encodeSsl2Hello(options.random().subarray(0, 16)), reader);
  if (outcome instanceof Ssl2Reader) return outcome.answered ?? false;
  // Closing at once, or staying silent, is how servers without SSL 2.0 treat bytes that are no record to them.
  return outcome.kind === "hung-up" || outcome.kind === "silent" ? false : outcome;
}

class Ssl2Reader implements AnswerReader {
  #bytes: Uint8Array = new Uint8Array();
  answered: boolean | undefined;

  get started(): boolean {
    return this.answered !== undefined;
  }

  push(bytes: Uint8Array): boolean {
    this.#bytes = concat(this.#bytes, bytes);
    this.answered = isSsl2ServerHello(this.#bytes);
    return this.answered !== undefined;
  }
}

/** Reads a server's flight as far as `depth` asks for. */
class FlightReader implements AnswerReader {
  readonly #decoder = new FlightDecoder();
  readonly #depth: (hello: ServerHello) => Depth;
  #bytes: Uint8Array = new Uint8Array();
  #alert: number | undefined;
  #hello: ServerHello | undefined;
  #wanted: Depth = "hello";
  #keyExchange: KeyExchange = {};
  #certificates: Uint8Array[] | undefined;
  #requested = false;
  #whole = false;

  constructor(depth: (hello: ServerHello) => Depth) {
    this.#depth = depth;
  }

  get started(): boolean {
    return this.#hello !== undefined || this.#alert !== undefined;
  }

  push(bytes: Uint8Array): boolean {
    this.#bytes = concat(this.#bytes, bytes);
    for (const record of this.#decoder.push(bytes)) {
      if (record.kind === "alert") {
        // A warning (level 1) may stand before a ServerHello: unrecognized_name in old servers.
        if (record.level === 1 && this.#hello === undefined && record.code !== 0) continue;
        this.#alert = record.code;
        return true;
      }
      if (this.#message(record.message)) return true;
    }
    return false;
  }

  #message({ type, body }: Message): boolean {
    if (this.#hello === undefined) {
      if (type !== HANDSHAKE.serverHello) throw new WireError("the first message is not a ServerHello");
      this.#hello = decodeServerHello(body);
      this.#wanted = this.#hello.version >= 0x0304 ? "hello" : this.#depth(this.#hello);
      return this.#wanted === "hello";
    }
    if (type === HANDSHAKE.certificate) this.#certificates = decodeCertificates(body);
    else if (type === HANDSHAKE.certificateRequest) this.#requested = true;
    else if (type === HANDSHAKE.serverHelloDone) this.#whole = true;
    else if (type === HANDSHAKE.serverKeyExchange) {
      const form = keyExchangeForm(this.#hello.suite);
      if (form !== null) this.#keyExchange = decodeKeyExchange(body, form.form, form.pskHint);
      if (this.#wanted === "key-exchange") return true;
    }
    return this.#whole;
  }

  answer(): Answer {
    if (this.#hello === undefined) return { kind: "alert", code: this.#alert ?? 0 };
    return {
      kind: "hello",
      hello: this.#hello,
      keyExchange: this.#keyExchange,
      ...(this.#certificates === undefined ? {} : { certificates: this.#certificates }),
      ...(this.#whole ? { certificateRequested: this.#requested } : {}),
      bytes: this.#bytes,
    };
  }
}
