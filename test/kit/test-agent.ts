/** The wire side of an agent: publishes batches, gathers receipts. Keeps no outbox. */
import { fromBinary } from "@bufbuild/protobuf";
import { jetstream } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { type AgentAddress, observationSubject, type Receipt, ReceiptSchema, receiptSubject } from "@vedette/proto";
import type { SentBatch } from "./batch.ts";
import { waitFor } from "./wait.ts";

export class TestAgent {
  readonly receipts: Receipt[] = [];
  readonly #connection: NatsConnection;
  readonly #address: AgentAddress;

  constructor(connection: NatsConnection, address: AgentAddress) {
    this.#connection = connection;
    this.#address = address;
    connection.subscribe(receiptSubject(address), {
      callback: (error, message) => {
        if (error === null) this.receipts.push(fromBinary(ReceiptSchema, message.data));
      },
    });
  }

  /** Resolves with the broker's ack. */
  async publish(batch: SentBatch): Promise<void> {
    await jetstream(this.#connection).publish(observationSubject(this.#address), batch.bytes, { headers: batch.headers });
  }

  /** Seqs that receipts of this epoch say are stored. */
  stored(epoch: string): Set<number> {
    const seqs = new Set<number>();
    for (const receipt of this.receipts.filter((r) => r.epoch === epoch)) {
      for (const { first, last } of receipt.stored) for (let seq = first; seq <= last; seq++) seqs.add(seq);
    }
    return seqs;
  }

  /** Waits for the next receipt after `count` ones. */
  async receipt(count: number): Promise<Receipt> {
    return waitFor(`receipt ${count + 1}`, () => this.receipts[count]);
  }
}
