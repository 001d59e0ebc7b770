/**
 * Outbox → broker, in order and in a small window; receipts → outbox. An observation is sent again, with all that follow it, until a receipt
 * covers it: after a time, after a reconnect, in a new epoch. The broker's ack only paces.
 *
 * Behind a backlog, changes made since the connection go ahead of it (the express lane): the centre orders by seq whatever comes first. What
 * goes ahead is sent once more in its turn only where no receipt has come by then.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { HEADER, type Receipt, ReceiptSchema } from "@vedette/proto";
import type { Logger } from "pino";
import { createBackOff } from "./back-off.ts";
import { encodeBatch, type Sender } from "./encode-batch.ts";
import { type Applied, BATCH_OBSERVATIONS, type Outbox, type OutboxBatch } from "./outbox/outbox.ts";
import type { Broker, OpenBroker } from "./publish.ts";
import { createSentMessages, type Lane } from "./sent.ts";

/** Batches on their way without a receipt. */
const WINDOW = 8;
/** More of them for changes that go ahead: a backlog that fills the window does not hold them up. */
const EXPRESS_WINDOW = 2;
/** A passive signal is on a screen within 2 s: this is what gathering more into a batch may cost of it. */
const LINGER_MS = 50;
/** Confirmations alone wait so long for others of their kind: a message costs as many bytes as three of them, and they change nothing that is shown. */
const GATHER_MS = 10_000;
const RECEIPT_MS = 10_000;
const RECEIPT_MAX_MS = 60_000;
const RETRY_MS = 250;
const RETRY_MAX_MS = 15_000;

export interface ForwardParts extends Sender {
  readonly outbox: Outbox;
  readonly open: OpenBroker;
  /** In [0, 1). */
  readonly random: () => number;
  /** After each receipt that changed something. */
  readonly onApplied: (applied: Applied) => void;
  readonly logger: Logger;
}

export interface Forwarder {
  /** Runs until the signal; never throws for what network or broker do. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was appended. */
  wake(): void;
  /** Nothing waits for others any more: the agent stops. */
  hurry(): void;
  readonly connected: boolean;
}

interface Next {
  readonly lane: Lane;
  readonly batch: OutboxBatch;
}

export function createForwarder(parts: ForwardParts): Forwarder {
  const { outbox, clock, random, logger } = parts;
  const sent = createSentMessages();
  let epoch = outbox.epoch.id;
  /** Positions in the outbox, as all that follow. */
  let sentTo = 0;
  /** The newest when the connection was made: what comes later is fresh. */
  let freshFrom = 0;
  let expressTo = 0;
  let rounds = 0;
  let receiptMs = RECEIPT_MS;
  /** Monotonic clock, ms; undefined where nothing waits for others. */
  let gatheringUntil: number | undefined;
  let hurried = false;
  let connected = false;
  let awake = Promise.withResolvers<void>();

  function wake(): void {
    awake.resolve();
  }

  /** From the oldest kept observation again. */
  function rewind(): void {
    sentTo = 0;
    expressTo = freshFrom;
    sent.rewind();
    rounds++;
    wake();
  }

  /** Connected anew: all that is kept is backlog. */
  function restart(): void {
    freshFrom = outbox.end;
    rewind();
  }

  function decode(payload: Uint8Array): Receipt | undefined {
    try {
      return fromBinary(ReceiptSchema, payload);
    } catch (err) {
      logger.error({ err }, "a receipt does not decode");
      return undefined;
    }
  }

  /** Undefined where the outbox could not note it: the receipt comes again with its observations. */
  function apply(receipt: Receipt): Applied | undefined {
    try {
      return outbox.apply(receipt);
    } catch (err) {
      logger.error({ err }, "a receipt could not be noted in the outbox");
      return undefined;
    }
  }

  function onReceipt(payload: Uint8Array): void {
    const receipt = decode(payload);
    if (receipt === undefined) return;
    if (!sent.isOurs(receipt)) {
      // Of a message that an earlier start of this agent sent, or another agent under our name.
      logger.debug({ epoch: receipt.epoch, stored: receipt.stored.length }, "a receipt answers no message of ours");
      return;
    }
    const applied = apply(receipt);
    if (applied === undefined) return;
    sent.settle(receipt);
    for (const r of receipt.rejected)
      logger.warn({ epoch: receipt.epoch, first: r.range?.first, last: r.range?.last, reason: r.reason }, "observations were rejected");
    if (applied.removed > 0) receiptMs = RECEIPT_MS;
    if (applied.epochRenewed)
      logger.warn({ epoch: outbox.epoch.id }, "the centre knows more of the old epoch than the outbox: a new epoch begins");
    if (applied.removed > 0 || applied.needFacts.length > 0 || applied.epochRenewed) parts.onApplied(applied);
    wake();
  }

  /** Until something is appended or receipted, or the oldest batch is overdue. */
  async function idle(signal: AbortSignal): Promise<void> {
    const oldest = sent.oldest();
    const overdueAt = oldest === undefined ? Number.POSITIVE_INFINITY : oldest.atMs + receiptMs;
    const ms = Math.min(RECEIPT_MAX_MS, Math.max(1, Math.min(overdueAt, gatheringUntil ?? overdueAt) - clock.monotonic()));
    const stop = new AbortController();
    await Promise.race([awake.promise, clock.sleep(ms, AbortSignal.any([signal, stop.signal])).catch(() => undefined)]);
    stop.abort();
  }

  async function send(broker: Broker, { lane, batch }: Next): Promise<void> {
    const round = rounds;
    const payload = encodeBatch(batch, parts);
    const message = sent.note(payload, batch);
    await broker.publish(payload, {
      [HEADER.epoch]: batch.epoch.id,
      [HEADER.first]: String(batch.first),
      [HEADER.last]: String(batch.last),
    });
    // While the ack was on its way the connection or the epoch may have changed: then all is sent again from the oldest.
    if (rounds !== round || outbox.epoch.id !== epoch) return;
    if (lane === "order") sentTo = batch.end;
    expressTo = Math.max(expressTo, batch.end);
    sent.accepted(message, lane, clock.monotonic());
  }

  function hasRoom(lane: Lane): boolean {
    return sent.onTheWay(lane) < (lane === "order" ? WINDOW : EXPRESS_WINDOW);
  }

  function overdue(): boolean {
    const oldest = sent.oldest();
    return oldest !== undefined && clock.monotonic() - oldest.atMs >= receiptMs;
  }

  function nextBatch(): Next | undefined {
    if (outbox.epoch.id !== epoch) {
      epoch = outbox.epoch.id;
      restart();
    }
    if (overdue()) {
      logger.warn({ first: sent.oldest()?.first, afterMs: receiptMs }, "no receipt came: sending again");
      // A centre that is slow to store is not helped by more of the same.
      receiptMs = Math.min(receiptMs * 2, RECEIPT_MAX_MS);
      rewind();
    }
    const batch = outbox.batch(sentTo);
    if (batch === undefined) return undefined;
    const isBehind = batch.end < freshFrom;
    const ahead = isBehind && hasRoom("express") ? outbox.changes(expressTo) : undefined;
    if (ahead !== undefined) return { lane: "express", batch: ahead };
    return hasRoom("order") && !isGathering(batch) ? { lane: "order", batch } : undefined;
  }

  /** Of what came since the connection was made, and only while nothing else waits. */
  function isGathering(batch: OutboxBatch): boolean {
    const mayWait =
      !hurried && sentTo >= freshFrom && batch.observations.length < BATCH_OBSERVATIONS && outbox.changes(sentTo) === undefined;
    const now = clock.monotonic();
    gatheringUntil = mayWait ? (gatheringUntil ?? now + GATHER_MS) : undefined;
    if (gatheringUntil !== undefined && now < gatheringUntil) return true;
    gatheringUntil = undefined;
    return false;
  }

  async function drain(broker: Broker, signal: AbortSignal): Promise<void> {
    const backOff = createBackOff(clock, random, RETRY_MS, RETRY_MAX_MS);
    let ended = false;
    void broker.closed.then((reason) => {
      ended = true;
      if (reason !== undefined) logger.warn({ err: reason }, "the connection to the broker ended");
      wake();
    });
    while (!signal.aborted && !ended) {
      awake = Promise.withResolvers<void>();
      try {
        const next = nextBatch();
        if (next === undefined) {
          await idle(signal);
          if (!signal.aborted && sent.oldest() === undefined) await clock.sleep(LINGER_MS, signal).catch(() => undefined);
          continue;
        }
        await send(broker, next);
        backOff.reset();
      } catch (err) {
        logger.warn({ err, after: sentTo }, "no batch could be read or the broker took none");
        await backOff.wait(signal);
      }
    }
  }

  return {
    wake,
    hurry() {
      hurried = true;
      wake();
    },
    get connected() {
      return connected;
    },
    async run(signal) {
      const backOff = createBackOff(clock, random, RETRY_MS, RETRY_MAX_MS);
      while (!signal.aborted) {
        let broker: Broker;
        try {
          broker = await parts.open({ onReceipt, onReconnect: restart });
        } catch (err) {
          logger.warn({ err }, "the broker cannot be reached");
          await backOff.wait(signal);
          continue;
        }
        backOff.reset();
        connected = true;
        restart();
        try {
          await drain(broker, signal);
        } finally {
          connected = false;
          await broker.close();
        }
      }
    },
  };
}
