/** Reads one tenant's stream for ever: several messages in hand at once, and a new beginning when the broker's store is gone. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumerMessages, JsMsg } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { BaseLogger } from "pino";
import { NotStoredError } from "./inserter.ts";
import type { MessageHandler } from "./message.ts";
import { ACK_WAIT_MS, ensureObservations, MAX_PENDING } from "./stream.ts";

export interface TenantConsumerOptions {
  readonly tenant: string;
  readonly connection: NatsConnection;
  readonly handler: MessageHandler;
  readonly logger: BaseLogger;
  readonly replicas: number;
}

/** Most messages and bytes in hand: many small messages share an insert, and large ones, which decoded are many times as large, do not fill the memory. */
const IN_HAND = MAX_PENDING;
const IN_HAND_BYTES = 4 * 1024 ** 2;
/** Messages on their way at once. The broker cuts off whom more than 64 MiB wait for, and a message may have 260 KiB. */
const PULL = 100;
const AGAIN_MS = 2_000;

export class TenantConsumer {
  readonly #o: TenantConsumerOptions;
  readonly #inHand = new Map<JsMsg, Promise<void>>();
  readonly #stopping = new AbortController();
  #bytes = 0;
  #messages: ConsumerMessages | null = null;
  #loop: Promise<void> | null = null;
  #beat: NodeJS.Timeout | null = null;
  /** Set while all hands are full. */
  #wake: (() => void) | null = null;

  constructor(o: TenantConsumerOptions) {
    this.#o = o;
  }

  async start(): Promise<void> {
    this.#messages = await this.#open();
    // Keeps the broker from delivering again what waits for the store.
    this.#beat = setInterval(() => {
      for (const message of this.#inHand.keys()) message.working();
    }, ACK_WAIT_MS / 3);
    this.#loop = this.#run(this.#messages);
  }

  async stop(drainMs: number): Promise<void> {
    this.#stopping.abort();
    this.#wake?.();
    await this.#messages?.close().catch(() => undefined);
    const drained = Promise.all(this.#inHand.values());
    await Promise.race([drained, sleep(drainMs, undefined, { ref: false })]);
    if (this.#beat !== null) clearInterval(this.#beat);
    await this.#loop;
  }

  async #open(): Promise<ConsumerMessages> {
    const consumer = await ensureObservations(this.#o.connection, this.#o.replicas);
    return consumer.consume({ max_messages: PULL, abort_on_missing_resource: true });
  }

  async #run(first: ConsumerMessages): Promise<void> {
    const { tenant, logger } = this.#o;
    const { signal } = this.#stopping;
    let messages: ConsumerMessages | null = first;
    while (!signal.aborted) {
      try {
        messages ??= await this.#open();
        this.#messages = messages;
        if (signal.aborted) await messages.close();
        await this.#read(messages);
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error, tenant }, "observations cannot be read from the bus; trying again");
      }
      messages = null;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #read(messages: ConsumerMessages): Promise<void> {
    const { signal } = this.#stopping;
    for await (const message of messages) {
      if (signal.aborted) return;
      const done = this.#handle(message).finally(() => {
        this.#inHand.delete(message);
        this.#bytes -= message.data.length;
        this.#wake?.();
      });
      this.#inHand.set(message, done);
      this.#bytes += message.data.length;
      while ((this.#inHand.size >= IN_HAND || this.#bytes >= IN_HAND_BYTES) && !signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Never rejects: what fails is delivered again. */
  async #handle(message: JsMsg): Promise<void> {
    const { tenant, handler, connection, logger } = this.#o;
    try {
      await handler.handle(tenant, message, (subject, receipt) => connection.publish(subject, receipt));
    } catch (error) {
      if (!(error instanceof NotStoredError)) logger.warn({ err: error, tenant }, "a message could not be handled; it is delivered again");
      if (!connection.isClosed()) message.nak(AGAIN_MS);
    }
  }
}
