/** A forwarder on an outbox in memory and a clock that the test moves, before a broker that takes what it is told to take. */
import { createHash } from "node:crypto";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { HEADER, type ObservationBatch, ObservationBatchSchema, Outcome, ReceiptSchema } from "@vedette/proto";
import { pino } from "pino";
import type { Offset } from "../encode-batch.ts";
import { createForwarder, type Forwarder } from "../forward.ts";
import { createMemoryOutbox } from "../outbox/memory.ts";
import { type Applied, type Outbox, RANK, type Rank } from "../outbox/outbox.ts";
import type { BrokerHandlers } from "../publish.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";

interface Arrived {
  readonly payload: Uint8Array;
  readonly first: number;
  readonly last: number;
  readonly batch: ObservationBatch;
  readonly headers: Readonly<Record<string, string>>;
}

export class Forwarding {
  readonly clock: FakeClock = createFakeClock(1_000_000);
  readonly outbox: Outbox = createMemoryOutbox({ now: () => this.clock.wall() });
  readonly arrived: Arrived[] = [];
  readonly applied: Applied[] = [];
  readonly forwarder: Forwarder;
  /** Messages that the broker will refuse. */
  refusals = 0;
  /** Connections opened. */
  opens = 0;
  offset: Offset | undefined = { offsetMs: 7, uncertaintyMs: 2 };
  /** What happens between a message's arrival and its ack. */
  onPublish: () => void = () => undefined;
  /** Of the connection that stands. */
  endConnection: (reason?: Error) => void = () => undefined;
  readonly ends = new AbortController();
  #handlers: BrokerHandlers | undefined;
  readonly #running: Promise<void>;

  constructor() {
    this.forwarder = createForwarder({
      outbox: this.outbox,
      clock: this.clock,
      random: () => 0.5,
      agentVersion: "1.2.3",
      bootId: "boot",
      offset: () => this.offset,
      onApplied: (a) => this.applied.push(a),
      logger: pino({ level: "silent" }),
      open: async (handlers) => this.#connect(handlers),
    });
    this.#running = this.forwarder.run(this.ends.signal);
  }

  #connect(handlers: BrokerHandlers) {
    this.opens++;
    this.#handlers = handlers;
    const closed = Promise.withResolvers<Error | undefined>();
    this.endConnection = closed.resolve;
    return {
      publish: async (payload: Uint8Array, headers: Readonly<Record<string, string>>) => {
        if (this.refusals > 0) {
          this.refusals--;
          throw new Error("503");
        }
        const batch = fromBinary(ObservationBatchSchema, payload);
        this.arrived.push({ payload, first: Number(headers[HEADER.first]), last: Number(headers[HEADER.last]), batch, headers });
        this.onPublish();
      },
      close: async () => closed.resolve(undefined),
      closed: closed.promise,
    };
  }

  async end(): Promise<void> {
    this.ends.abort();
    await this.#running;
  }

  append(count: number, rank: Rank = RANK.change): void {
    this.outbox.append(
      Array.from({ length: count }, (_, i) => ({
        look: `look-${i}`,
        rank,
        draft: { probe: "http.root" },
        told: { outcome: Outcome.IDENTIFIED, fault: "", reportedAtMs: 0, repeats: 1 },
      })),
    );
    this.forwarder.wake();
  }

  /** For the newest message that holds all that it covers, as the centre does. */
  receipt(r: Pick<MessageInitShape<typeof ReceiptSchema>, "stored" | "renewEpoch">): void {
    const covers = (a: Arrived) => (r.stored ?? []).every(({ first = 0, last = 0 }) => a.first <= first && last <= a.last);
    const answered = this.arrived.findLast(covers);
    if (answered === undefined) throw new Error("no message holds what the receipt covers");
    this.answer(answered, r);
  }

  answer({ batch, payload }: Arrived, r: MessageInitShape<typeof ReceiptSchema>): void {
    const message = createHash("sha256").update(payload).digest();
    this.hear(toBinary(ReceiptSchema, create(ReceiptSchema, { epoch: batch.epoch, message, ...r })));
  }

  /** Bytes on the subject of receipts. */
  hear(bytes: Uint8Array): void {
    this.#handlers?.onReceipt(bytes);
  }

  /** The connection was lost and stands again. */
  reconnect(): void {
    this.#handlers?.onReconnect();
  }

  /** First and last seq of each message that arrived. */
  ranges(): number[][] {
    return this.arrived.map(({ first, last }) => [first, last]);
  }
}
