/** A message out of quarantine through ingest's own path again. Rows carry their identity, so doing it twice is once. */
import { fromBinary } from "@bufbuild/protobuf";
import { HEADER, observationSubject, ReceiptSchema } from "@vedette/proto";
import type { BaseLogger } from "pino";
import { AgentLedger } from "../ingest/agent-ledger.ts";
import type { Claim, Refused } from "../ingest/decode.ts";
import { Inserter } from "../ingest/inserter.ts";
import { MessageHandler } from "../ingest/message.ts";
import { insertObservations, insertQuarantineDecision, isBadRow, type Quarantined, type Store } from "../store/index.ts";
import { claimOf } from "./decoded.ts";
import { QuarantineError } from "./quarantine-error.ts";

export interface Requeued {
  readonly id: string;
  /** Observations that are stored now. */
  readonly stored: number;
  /** Seqs with the reasons why they stay in quarantine. */
  readonly refused: readonly Refused[];
}

export interface RequeueOptions {
  readonly store: Store;
  readonly logger: BaseLogger;
  readonly now: () => number;
  readonly author: string;
  readonly why: string;
}

/** Attempts of one message: a person waits at the terminal, and the message stays where it is. */
const MOST_FAILURES = 5;

function headersOf(claim: Claim | null): { get(name: string): string } {
  const values =
    claim === null
      ? new Map()
      : new Map([
          [HEADER.epoch, claim.epoch],
          [HEADER.first, String(claim.first)],
          [HEADER.last, String(claim.last)],
        ]);
  return { get: (name) => values.get(name) ?? "" };
}

function seqsOf(ranges: readonly { first: number; last: number }[]): number {
  return ranges.reduce((n, { first, last }) => n + last - first + 1, 0);
}

/**
 * What is refused again goes into quarantine again, under the time of this attempt; what is taken whole leaves the list.
 * @throws QuarantineError 2 where the message names no agent, 3 where the store does not confirm
 */
export async function requeue(q: Quarantined, o: RequeueOptions): Promise<Requeued> {
  const { store, logger, now } = o;
  if (q.agent === "") {
    throw new QuarantineError(
      2,
      `${q.id}: its subject named no agent of ${q.tenant}, so nobody can have sent it; look at it with show and drop it`,
    );
  }
  const decidedAt = now();
  // What goes into quarantine again is later than the decision, and so it is open again.
  const later = () => Math.max(now(), decidedAt + 1);
  let failures = 0;
  const inserter: Inserter = new Inserter({
    now,
    sink: { insert: (rows, storedAt) => insertObservations(store, rows, storedAt), isBadRow },
    onStored: () => undefined,
    onFailed: (error) => {
      failures += 1;
      logger.warn({ err: error, id: q.id }, "the store does not confirm; trying again");
      if (failures >= MOST_FAILURES) void inserter.close();
    },
    maxAgeMs: 0,
  });
  const handler = new MessageHandler({
    store,
    inserter,
    ledger: new AgentLedger(store, now),
    logger,
    now: later,
    onRefused: () => undefined,
  });
  let receipt: Uint8Array | null = null;
  let term = "";
  const message = {
    subject: observationSubject({ tenant: q.tenant, site: q.site, agent: q.agent }),
    data: q.message,
    headers: headersOf(claimOf(q)),
    ack: () => undefined,
    term: (reason = "") => {
      term = reason;
    },
  };
  try {
    await handler.handle(q.tenant, message, (_subject, bytes) => {
      receipt = bytes;
    });
  } finally {
    await inserter.close();
  }
  const outcome = outcomeOf(q, receipt, term);
  await insertQuarantineDecision(store, q, { action: "requeued", author: o.author, why: o.why, decidedAt });
  return outcome;
}

function outcomeOf(q: Quarantined, receipt: Uint8Array | null, term: string): Requeued {
  // Without a claim in the headers there is no receipt for a message that does not decode.
  if (receipt === null) return { id: q.id, stored: 0, refused: [{ seq: q.first, reason: term }] };
  const { stored, rejected } = fromBinary(ReceiptSchema, receipt);
  const refused = rejected.flatMap(({ range, reason }) => {
    const { first = 0, last = 0 } = range ?? {};
    return Array.from({ length: last - first + 1 }, (_, i) => ({ seq: first + i, reason }));
  });
  return { id: q.id, stored: seqsOf(stored), refused };
}
