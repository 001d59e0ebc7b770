/**
 * net-snmp over the one door out: its sessions take a module in the place of node:dgram, and get one whose socket is a `DatagramSocket`.
 * So scope, budget, caps and log hold for every datagram that the library sends. What it throws on hostile bytes ends the session.
 */
import { EventEmitter } from "node:events";
import snmp, { type Varbind } from "net-snmp";
import { fault } from "../../classify.ts";
import { type DatagramSocket, DialError } from "../../net/dial.ts";
import { WireError } from "../../net/wire-error.ts";

// Missing in the library's types.
const { RequestTimedOutError } = snmp as unknown as { RequestTimedOutError: new (message: string) => object };

type Answered = (error: Error | null, varbinds?: (Varbind | Varbind[])[]) => void;

export interface SnmpServer {
  readonly address: string;
  readonly port: number;
  readonly community: string;
  /** How long one datagram's answer is waited for, ms. Nothing is sent again. */
  readonly answerMs: number;
}

export class SnmpTalk {
  readonly #session: snmp.Session;
  readonly #failed: Promise<never>;
  readonly #fail: (error: unknown) => void;

  constructor(socket: DatagramSocket, server: SnmpServer, onAnswer: (bytes: Uint8Array) => void) {
    const failing = Promise.withResolvers<never>();
    this.#failed = failing.promise;
    this.#fail = failing.reject;
    // Raced in `ask`; between two of them nobody listens.
    this.#failed.catch(() => undefined);
    const port = new DoorDgram(socket);
    this.#session = snmp.createSession(server.address, server.community, {
      version: snmp.Version2c,
      port: server.port,
      retries: 0,
      timeout: server.answerMs,
      dgramModule: { createSocket: () => port },
    });
    this.#session.on("error", () => this.#fail(new WireError("it is no SNMP message")));
    void this.#pump(socket, port, onAnswer);
  }

  /** @throws DialError, WireError */
  get(oids: readonly string[]): Promise<Varbind[]> {
    return this.#ask((done) => this.#session.get([...oids], done));
  }

  /** @throws DialError, WireError */
  getBulk(oids: readonly string[], repetitions: number): Promise<Varbind[]> {
    return this.#ask((done) => this.#session.getBulk([...oids], 0, repetitions, done));
  }

  close(): void {
    this.#session.close();
  }

  #ask(send: (done: Answered) => void): Promise<Varbind[]> {
    const answer = new Promise<Varbind[]>((resolve, reject) => {
      send((error, varbinds) => {
        if (error) reject(reasonOf(error));
        else resolve((varbinds ?? []).flat());
      });
    });
    return Promise.race([answer, this.#failed]);
  }

  async #pump(socket: DatagramSocket, port: DoorDgram, onAnswer: (bytes: Uint8Array) => void): Promise<void> {
    try {
      for (let next = await socket.receive(); next; next = await socket.receive()) {
        onAnswer(next.bytes);
        try {
          port.emit("message", Buffer.from(next.bytes));
        } catch {
          // The library reads beyond what hostile bytes hold and throws whatever comes of it.
          throw new WireError("it is no answer that SNMP knows");
        }
      }
      this.#fail(new DialError(fault("response", "timeout")));
    } catch (error) {
      this.#fail(error);
    }
  }
}

function reasonOf(error: unknown): unknown {
  if (error instanceof RequestTimedOutError) return new DialError(fault("response", "timeout"));
  if (error instanceof snmp.RequestFailedError) return new DialError(fault("response", "rejected"));
  if (error instanceof snmp.ResponseInvalidError) return new WireError("the response does not fit the request");
  return error;
}

type Sent = (error: Error | null) => void;

/** The part of dgram.Socket that a session uses. */
class DoorDgram extends EventEmitter {
  readonly #socket: DatagramSocket;

  constructor(socket: DatagramSocket) {
    super();
    this.#socket = socket;
  }

  send(buffer: Buffer, offset: number, length: number, port: number, address: string, sent: Sent): void {
    this.#socket.send(buffer.subarray(offset, offset + length), port, address).then(
      () => sent(null),
      (error: Error) => sent(error),
    );
  }

  /** The session cancels what is under way on "close", its timers with it. */
  close(): void {
    this.#socket.close();
    this.emit("close");
  }

  ref(): void {}

  unref(): void {}
}
