/**
 * Which messages this process has sent, known by the SHA-256 of their bytes. A receipt counts only where it names one of them: another agent
 * may run from a copy of our disk, and what the centre has of its observations says nothing of ours.
 */
import { createHash } from "node:crypto";
import type { Receipt } from "@vedette/proto";
import type { OutboxBatch } from "./outbox/outbox.ts";

export type Lane = "order" | "express";

interface SeqRange {
  readonly first: number;
  readonly last: number;
}

export interface Message extends SeqRange {
  readonly epoch: string;
}

interface OnTheWay extends Message {
  readonly lane: Lane;
  /** Monotonic clock, ms. */
  readonly atMs: number;
}

/** A receipt that comes after so many later messages is of no use: what it covers was sent again. */
const REMEMBERED = 256;

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export interface SentMessages {
  /** Before it leaves: its receipt may be faster than the broker's ack. */
  note(payload: Uint8Array, batch: OutboxBatch): Message;
  /** The broker has it: it is on its way until its receipt comes. */
  accepted(message: Message, lane: Lane, atMs: number): void;
  /** Whether it answers one of our messages, and nothing beyond it. */
  isOurs(receipt: Receipt): boolean;
  /** What the receipt covers is no longer on its way. */
  settle(receipt: Receipt): void;
  onTheWay(lane: Lane): number;
  oldest(): OnTheWay | undefined;
  /** Nothing counts as being on its way; receipts of it still hold. */
  rewind(): void;
}

/** What a receipt speaks of, ascending. */
function coveredBy(receipt: Receipt): SeqRange[] {
  return [...receipt.stored, ...receipt.rejected.flatMap((r) => r.range ?? [])].sort((a, b) => a.first - b.first);
}

/** Whether the ranges together leave no seq of it out: what was stored and what was rejected of one message alternate. */
function isCovered({ first, last }: SeqRange, ranges: readonly SeqRange[]): boolean {
  let next = first;
  for (const r of ranges) if (r.first <= next) next = Math.max(next, r.last + 1);
  return next > last;
}

export function createSentMessages(): SentMessages {
  const known = new Map<string, Message>();
  const answered = new WeakSet<Message>();
  let waiting: OnTheWay[] = [];

  function messageOf(receipt: Receipt): Message | undefined {
    return known.get(Buffer.from(receipt.message).toString("hex"));
  }

  return {
    note(payload, { epoch, first, last }) {
      const message = { epoch: epoch.id, first, last };
      known.set(digestOf(payload), message);
      const [eldest] = known.keys();
      if (known.size > REMEMBERED && eldest !== undefined) known.delete(eldest);
      return message;
    },
    accepted(message, lane, atMs) {
      if (!answered.has(message)) waiting.push({ ...message, lane, atMs });
    },
    isOurs(receipt) {
      const message = messageOf(receipt);
      return message?.epoch === receipt.epoch && coveredBy(receipt).every((r) => message.first <= r.first && r.last <= message.last);
    },
    settle(receipt) {
      const message = messageOf(receipt);
      if (message !== undefined) answered.add(message);
      const covered = coveredBy(receipt);
      waiting = waiting.filter((w) => w.epoch !== receipt.epoch || !isCovered(w, covered));
    },
    onTheWay: (lane) => waiting.filter((w) => w.lane === lane).length,
    oldest: () => waiting[0],
    rewind() {
      waiting = [];
    },
  };
}
