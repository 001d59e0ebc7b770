/** One message from delivery to receipt. */
import type { JsMsg } from "@nats-io/jetstream";
import { type AgentAddress, HEADER, parseObservationSubject, receiptSubject, SubjectError } from "@vedette/proto";
import type { BaseLogger } from "pino";
import type { AtStep } from "../step.ts";
import type { Store } from "../store/client.ts";
import { Gather } from "../store/gather.ts";
import { insertQuarantine, type Quarantined } from "../store/quarantine.ts";
import type { AgentLedger } from "./agent-ledger.ts";
import { type Batch, BatchError, type Claim, decodeBatch, parseClaim } from "./decode.ts";
import { BadRowsError, type Inserter } from "./inserter.ts";
import { rejectedReceipt, storedReceipt } from "./receipt.ts";
import { toRow } from "./row.ts";

export interface MessageHandlerOptions {
  readonly store: Store;
  readonly inserter: Inserter;
  readonly ledger: AgentLedger;
  readonly logger: BaseLogger;
  readonly now: () => number;
  readonly onRefused: (tenant: string, observations: number) => void;
  readonly onReceipt?: (tenant: string) => void;
  readonly atStep?: AtStep;
}

/** What handling needs of a message, from the bus or out of quarantine. */
export interface Delivered extends Pick<JsMsg, "subject" | "data" | "ack" | "term"> {
  readonly headers?: { get(name: string): string } | undefined;
}

/** Sends a receipt; the message may already be acked. */
export type SendReceipt = (subject: string, receipt: Uint8Array) => void;

interface Delivery {
  readonly message: Delivered;
  readonly tenant: string;
  /** Null where the subject is none that an agent may use. */
  readonly address: AgentAddress | null;
  readonly claim: Claim | null;
  readonly send: SendReceipt;
}

function addressOf(tenant: string, subject: string): AgentAddress | null {
  try {
    const address = parseObservationSubject(subject);
    return address.tenant === tenant ? address : null;
  } catch (error) {
    if (error instanceof SubjectError) return null;
    throw error;
  }
}

/** Of one insert into quarantine, bytes of its messages. */
const QUARANTINE_BYTES = 4 * 1024 ** 2;

export class MessageHandler {
  readonly #o: MessageHandlerOptions;
  /** Whoever floods with what is no message must not cost an insert for each. */
  readonly #aside: Gather<Omit<Quarantined, "id">, null>;

  constructor(o: MessageHandlerOptions) {
    this.#o = o;
    this.#aside = new Gather({
      async answer(list) {
        await insertQuarantine(o.store, list);
        return list.map(() => null);
      },
      weigh: ({ message }) => message.length,
      most: QUARANTINE_BYTES,
    });
  }

  /** Ends with the message acked or terminated and its receipt sent. @throws where the store fails: deliver it again */
  async handle(tenant: string, message: Delivered, send: SendReceipt): Promise<void> {
    const header = (name: string) => message.headers?.get(name) ?? "";
    const claim = parseClaim(header(HEADER.epoch), header(HEADER.first), header(HEADER.last));
    const sendCounted: SendReceipt = (subject, receipt) => {
      send(subject, receipt);
      this.#o.onReceipt?.(tenant);
    };
    const delivery = { message, tenant, address: addressOf(tenant, message.subject), claim, send: sendCounted };
    try {
      if (delivery.address === null) throw new BatchError("the subject is not one of this tenant's agents");
      await this.#take(delivery.address, delivery, decodeBatch(message.data, claim));
    } catch (error) {
      if (!(error instanceof BatchError || error instanceof BadRowsError)) throw error;
      await this.#reject(delivery, error.message);
    }
  }

  async #take(address: AgentAddress, delivery: Delivery, batch: Batch): Promise<void> {
    const { ledger, inserter } = this.#o;
    const renewEpoch = await ledger.conflicts(address, batch);
    ledger.learn(address, batch);
    const rows = batch.accepted.map((a) => toRow(address, batch, a));
    if (rows.length > 0) await inserter.submit(rows);
    if (batch.refused.length > 0) {
      const reasons = [...new Set(batch.refused.map((r) => r.reason))].join("; ");
      await this.#quarantine(delivery, `some refused: ${reasons}`, { epoch: batch.epoch, first: batch.first, last: batch.last });
      this.#o.onRefused(address.tenant, batch.refused.length);
    }
    const needFacts = await ledger.needFacts(address, batch);
    this.#o.atStep?.("before receipt");
    delivery.message.ack();
    delivery.send(receiptSubject(address), storedReceipt({ message: delivery.message.data, batch, needFacts, renewEpoch }));
    this.#o.atStep?.("after receipt");
  }

  /** Keeps the whole message aside, so that nothing is receipted that was thrown away unseen. */
  async #reject(delivery: Delivery, reason: string): Promise<void> {
    const { message, tenant, address, claim } = delivery;
    await this.#quarantine(delivery, reason, claim ?? { epoch: "", first: 0, last: 0 });
    this.#o.onRefused(tenant, claim === null ? 1 : claim.last - claim.first + 1);
    this.#o.logger.warn({ tenant, subject: message.subject, reason }, "a message was refused and put into quarantine");
    message.term(reason);
    if (address !== null && claim !== null) delivery.send(receiptSubject(address), rejectedReceipt(message.data, claim, reason));
  }

  async #quarantine({ message, tenant, address }: Delivery, reason: string, claim: Claim): Promise<void> {
    const { site, agent } = address ?? { site: "", agent: "" };
    await this.#aside.ask({ tenant, site, agent, ...claim, reason, message: message.data, storedAt: this.#o.now() });
  }
}
