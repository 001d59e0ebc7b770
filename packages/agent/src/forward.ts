/**
 * Outbox → broker, in order and in a small window; receipts → outbox. An observation is sent again, with all that follow it, until a receipt
 * covers it: after a time, after a reconnect, in a new epoch. The broker's ack only paces.
 *
 * Behind a backlog, changes made since the connection go ahead of it (the express lane): the centre orders by seq whatever comes first. What
 * goes ahead is sent once more in its turn only where no receipt has come by then.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { HEADER, ObservationBatchSchema, ObservationSchema, ReceiptSchema } from "@vedette/proto";
import type { Logger } from "pino";
import { createBackOff } from "./back-off.ts";
import type { Applied, Outbox, OutboxBatch } from "./outbox/outbox.ts";
import type { Clock } from "./probe/probe.ts";
import type { Broker, OpenBroker } from "./publish.ts";

/** Batches on their way without a receipt. */
const WINDOW = 8;
/** More of them for changes that go ahead: a backlog that fills the window does not hold them up. */
const EXPRESS_WINDOW = 2;
/** A passive signal is on a screen within 2 s: this is what gathering more into a batch may cost of it. */
const LINGER_MS = 50;
const RECEIPT_MS = 10_000;
const RECEIPT_MAX_MS = 60_000;
const RETRY_MS = 250;
const RETRY_MAX_MS = 15_000;

export interface Offset {
  /** Centre minus agent, ms. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

export interface ForwardParts {
  readonly outbox: Outbox;
  readonly open: OpenBroker;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly offset: () => Offset | undefined;
  /** After each receipt that changed something. */
  readonly onApplied: (applied: Applied) => void;
  readonly logger: Logger;
}

export interface Forwarder {
  /** Runs until the signal; never throws for what network or broker do. */
  run(signal: AbortSignal): Promise<void>;
  /** Something was appended. */
  wake(): void;
  readonly connected: boolean;
}

type Lane = "order" | "express";

interface Sent {
  readonly lane: Lane;
  readonly first: number;
  readonly last: number;
  readonly atMs: number;
}

interface Next {
  readonly lane: Lane;
  readonly batch: OutboxBatch;
}

export function encodeBatch(batch: OutboxBatch, parts: Pick<ForwardParts, "clock" | "agentVersion" | "bootId" | "offset">): Uint8Array {
  const offset = parts.offset();
  return toBinary(
    ObservationBatchSchema,
    create(ObservationBatchSchema, {
      epoch: batch.epoch.id,
      epochCreatedMs: batch.epoch.createdMs,
      agentVersion: parts.agentVersion,
      clock: {
        wallMs: parts.clock.wall(),
        monotonicMs: parts.clock.monotonic(),
        bootId: parts.bootId,
        ...(offset === undefined ? {} : { offsetMs: offset.offsetMs, uncertaintyMs: offset.uncertaintyMs }),
      },
      observations: batch.observations.map((bytes) => fromBinary(ObservationSchema, bytes)),
    }),
  );
}

export function createForwarder(parts: ForwardParts): Forwarder {
  const { outbox, clock, random, logger } = parts;
  let epoch = outbox.epoch.id;
  let sentTo = 0;
  /** Highest seq when the connection was made: what comes later is fresh. */
  let freshFrom = 0;
  let expressTo = 0;
  let inFlight: Sent[] = [];
  let receiptMs = RECEIPT_MS;
  let connected = false;
  let awake = Promise.withResolvers<void>();

  function wake(): void {
    awake.resolve();
  }

  /** From the oldest kept observation again. */
  function rewind(): void {
    sentTo = 0;
    expressTo = freshFrom;
    inFlight = [];
    wake();
  }

  /** Connected anew: all that is kept is backlog. */
  function restart(): void {
    freshFrom = outbox.last;
    rewind();
  }

  function onReceipt(payload: Uint8Array): void {
    let receipt: ReturnType<typeof decode>;
    try {
      receipt = decode(payload);
    } catch (err) {
      logger.error({ err }, "a receipt does not decode");
      return;
    }
    const applied = outbox.apply(receipt);
    const covered = [...receipt.stored, ...receipt.rejected.flatMap((r) => (r.range === undefined ? [] : [r.range]))];
    inFlight = inFlight.filter((b) => !covered.some((r) => r.first <= b.first && b.last <= r.last));
    for (const r of receipt.rejected)
      logger.warn({ epoch: receipt.epoch, first: r.range?.first, last: r.range?.last, reason: r.reason }, "observations were rejected");
    if (applied.removed > 0) receiptMs = RECEIPT_MS;
    if (applied.epochRenewed)
      logger.warn({ epoch: outbox.epoch.id }, "the centre knows more of the old epoch than the outbox: a new epoch begins");
    if (applied.removed > 0 || applied.needFacts.length > 0 || applied.epochRenewed) parts.onApplied(applied);
    wake();
  }

  const decode = (payload: Uint8Array) => fromBinary(ReceiptSchema, payload);

  /** Until something is appended or receipted, or the oldest batch is overdue. */
  async function idle(signal: AbortSignal): Promise<void> {
    const oldest = inFlight[0];
    const ms = oldest === undefined ? RECEIPT_MS : Math.max(1, oldest.atMs + receiptMs - clock.monotonic());
    const stop = new AbortController();
    await Promise.race([awake.promise, clock.sleep(ms, AbortSignal.any([signal, stop.signal])).catch(() => undefined)]);
    stop.abort();
  }

  async function send(broker: Broker, { lane, batch }: Next): Promise<void> {
    await broker.publish(encodeBatch(batch, parts), {
      [HEADER.epoch]: batch.epoch.id,
      [HEADER.first]: String(batch.first),
      [HEADER.last]: String(batch.last),
    });
    // The epoch may have been renewed while the ack was on its way.
    if (batch.epoch.id !== outbox.epoch.id) return;
    if (lane === "order") sentTo = batch.last;
    expressTo = Math.max(expressTo, batch.last);
    inFlight.push({ lane, first: batch.first, last: batch.last, atMs: clock.monotonic() });
  }

  function hasRoom(lane: Lane): boolean {
    return inFlight.filter((s) => s.lane === lane).length < (lane === "order" ? WINDOW : EXPRESS_WINDOW);
  }

  function overdue(): boolean {
    const oldest = inFlight[0];
    return oldest !== undefined && clock.monotonic() - oldest.atMs >= receiptMs;
  }

  function nextBatch(): Next | undefined {
    if (outbox.epoch.id !== epoch) {
      epoch = outbox.epoch.id;
      restart();
    }
    if (overdue()) {
      logger.warn({ first: inFlight[0]?.first, afterMs: receiptMs }, "no receipt came: sending again");
      // A centre that is slow to store is not helped by more of the same.
      receiptMs = Math.min(receiptMs * 2, RECEIPT_MAX_MS);
      rewind();
    }
    const batch = outbox.batch(sentTo);
    if (batch === undefined) return undefined;
    const isBehind = batch.last < freshFrom;
    const ahead = isBehind && hasRoom("express") ? outbox.changes(expressTo) : undefined;
    if (ahead !== undefined) return { lane: "express", batch: ahead };
    return hasRoom("order") ? { lane: "order", batch } : undefined;
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
      const next = nextBatch();
      if (next === undefined) {
        await idle(signal);
        if (!signal.aborted && inFlight.length === 0) await clock.sleep(LINGER_MS, signal).catch(() => undefined);
        continue;
      }
      try {
        await send(broker, next);
        backOff.reset();
      } catch (err) {
        logger.warn({ err, first: next.batch.first, last: next.batch.last }, "the broker took no batch");
        await backOff.wait(signal);
      }
    }
  }

  return {
    wake,
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
