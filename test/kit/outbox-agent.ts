/** The wire side of an agent that keeps what has no receipt and sends it again, as a real one does. */
import type { NatsConnection } from "@nats-io/transport-node";
import type { AgentAddress } from "@vedette/proto";
import { batchOf, newEpoch, type ObservationInit, type SentBatch } from "./batch.ts";
import { TestAgent } from "./test-agent.ts";
import { waitFor } from "./wait.ts";

export class OutboxAgent {
  readonly epoch = newEpoch();
  readonly #agent: TestAgent;
  readonly #kept = new Map<number, SentBatch>();
  readonly #timer: NodeJS.Timeout;
  readonly #epochCreatedMs = Date.now() - 60_000;
  #next = 1;

  /** @param againMs after this what has no receipt is sent once more */
  constructor(connection: NatsConnection, address: AgentAddress, againMs = 1_500) {
    this.#agent = new TestAgent(connection, address);
    this.#timer = setInterval(() => {
      for (const batch of this.#open()) void this.#publish(batch);
    }, againMs);
  }

  /** How many were told so far. */
  get told(): number {
    return this.#next - 1;
  }

  send(looks: readonly ObservationInit[]): void {
    const numbered = looks.map((look, i) => ({ ...look, seq: this.#next + i }));
    const batch = batchOf(this.epoch, numbered, { epochCreatedMs: this.#epochCreatedMs });
    this.#next += looks.length;
    this.#kept.set(batch.first, batch);
    void this.#publish(batch);
  }

  /** Resolves when everything told so far has its receipt. */
  async receipted(timeoutMs = 60_000): Promise<void> {
    await waitFor("every observation has its receipt", () => this.#open().length === 0, timeoutMs);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #open(): SentBatch[] {
    const stored = this.#agent.stored(this.epoch);
    for (const [first, { last }] of this.#kept) if (stored.has(first) && stored.has(last)) this.#kept.delete(first);
    return [...this.#kept.values()];
  }

  /** The broker's answer says nothing that counts. */
  async #publish(batch: SentBatch): Promise<void> {
    await this.#agent.publish(batch).catch(() => undefined);
  }
}
