/**
 * Where a bucket stands: what the log holds against what is applied. A new holder first sees to it that everything published
 * is applied; a log that is new or has fallen behind what is applied opens the next era.
 */
import { changesetSubject, STREAM } from "@vedette/proto";
import { type Changeset, type ChangesetPart, decodePart, joinParts } from "./changeset.ts";
import { HASH_HEADER } from "./publish.ts";
import { type Bus, lastOf } from "./stream.ts";

/** The last changeset of a bucket that is applied; null where none ever was. */
export interface Applied {
  readonly era: number;
  readonly seq: number;
  readonly recordedAt: number;
  readonly hash: string;
}

export interface Position {
  readonly era: number;
  /** seq of the last changeset of the era, 0 for none. */
  readonly seq: number;
  readonly recordedAt: number;
  /** Stream sequence to expect on the next publish, 0 for none. */
  readonly expected: number;
}

export type Opening =
  /** Go on after these, which are published but not applied yet. */
  | { readonly kind: "resume"; readonly position: Position; readonly pending: readonly { changeset: Changeset; hash: string }[] }
  /** The log does not hold what was applied: its sequences would repeat. */
  | { readonly kind: "new-era"; readonly era: number; readonly ended: Applied | null; readonly expected: number; readonly reason: string };

export function comparePosition(a: { era: number; seq: number }, b: { era: number; seq: number }): number {
  return a.era - b.era || a.seq - b.seq;
}

/** Within an era seqs count on; each era begins with 1. */
function comesNext(before: { era: number; seq: number } | null, next: { era: number; seq: number }): boolean {
  return before?.era === next.era ? next.seq === before.seq + 1 : next.seq === 1;
}

/**
 * @param newest number of the newest era that was ever opened, by whomever, 0 for none: a number is used once
 * @throws where the log does not give all that it holds: ask again
 */
export async function openBucket(bus: Bus, bucket: number, applied: Applied | null, newest: number): Promise<Opening> {
  const subject = changesetSubject(bucket);
  const last = await lastOf(bus.jsm, subject);
  if (last === null) {
    const reason = applied === null && newest === 0 ? "first start" : "the log is empty";
    return { kind: "new-era", era: newest + 1, ended: applied, expected: 0, reason };
  }
  const head = decodePart(last.data);
  const next = Math.max(head.era, newest) + 1;
  if (newest > head.era) {
    return { kind: "new-era", era: next, ended: applied, expected: last.seq, reason: "an era was opened and never begun" };
  }
  if (applied !== null && comparePosition(head, applied) < 0) {
    return { kind: "new-era", era: next, ended: applied, expected: last.seq, reason: "the log ends before what is applied" };
  }
  if (applied !== null && head.era === applied.era && head.seq === applied.seq) {
    if (last.header?.get(HASH_HEADER) === applied.hash) {
      return { kind: "resume", pending: [], position: { era: head.era, seq: head.seq, recordedAt: head.recordedAt, expected: last.seq } };
    }
    return {
      kind: "new-era",
      era: next,
      ended: applied,
      expected: last.seq,
      reason: "the log holds another changeset at this place",
    };
  }
  const pending = await readAfter(bus, bucket, applied);
  const newestPending = pending.at(-1)?.changeset;
  const follows = pending.every(({ changeset }, i) => comesNext(pending[i - 1]?.changeset ?? applied, changeset));
  if (newestPending === undefined || !follows) {
    return {
      kind: "new-era",
      era: next,
      ended: applied,
      expected: last.seq,
      reason: "the log no longer holds what was to be applied next",
    };
  }
  // A server of a cluster may lag behind the one that told the last message.
  if (comparePosition(newestPending, head) !== 0) throw new Error(`${subject}: the log does not give its last changeset yet`);
  return { kind: "resume", pending, position: { era: head.era, seq: head.seq, recordedAt: head.recordedAt, expected: last.seq } };
}

/** Changesets of the bucket that come after `applied`, in order. */
async function readAfter(bus: Bus, bucket: number, applied: Applied | null): Promise<{ changeset: Changeset; hash: string }[]> {
  const subject = changesetSubject(bucket);
  const found: { changeset: Changeset; hash: string }[] = [];
  const consumer = await bus.js.consumers.get(STREAM.log, { filter_subjects: [subject] });
  const info = await consumer.info(true);
  let left = info.num_pending;
  let parts: ChangesetPart[] = [];
  while (left > 0) {
    const batch = await consumer.fetch({ max_messages: Math.min(left, 500), expires: 5_000 });
    let got = 0;
    for await (const message of batch) {
      got++;
      const part = decodePart(message.data);
      if (part.part === 1) parts = [];
      parts.push(part);
      const whole = joinParts(parts);
      if (whole !== null && (applied === null || comparePosition(whole, applied) > 0)) {
        found.push({ changeset: whole, hash: message.headers?.get(HASH_HEADER) ?? "" });
      }
    }
    if (got === 0) throw new Error(`${subject}: the log did not answer within 5 s`);
    left -= got;
  }
  await consumer.delete().catch(() => undefined);
  return found;
}
