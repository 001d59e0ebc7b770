/**
 * Publishing to the log with compare-and-set: the broker's expected-last-subject-sequence is the fence. Who has lost the
 * bucket cannot publish, whatever he believes; after an unclear answer the subject's last message tells.
 */
import { createHash } from "node:crypto";
import { headers } from "@nats-io/transport-node";
import { changesetSubject } from "@vedette/proto";
import { type Changeset, encodeChangeset } from "./changeset.ts";
import { type Bus, lastOf } from "./stream.ts";

export const HASH_HEADER = "Vedette-Hash";

/** Somebody else has published to the bucket: our view of it is old. */
export class FencedError extends Error {
  override readonly name = "FencedError";
  readonly subject: string;
  constructor(subject: string) {
    super(`${subject}: another collector has published since we last looked`);
    this.subject = subject;
  }
}

export interface Published {
  /** Stream sequence of the last message: the next expectation. */
  readonly streamSeq: number;
  readonly hash: string;
}

export function hashOf(parts: readonly Uint8Array[]): string {
  const h = createHash("sha256");
  for (const p of parts) h.update(p);
  return h.digest("hex");
}

/**
 * @param expected stream sequence of the subject's last message, 0 for none
 * @throws FencedError where the subject has moved on; other errors where the broker cannot be reached (nothing is known then
 * but by asking again: the call may be repeated with the same arguments)
 */
export async function publishChangeset(bus: Bus, changeset: Changeset, expected: number): Promise<Published> {
  const subject = changesetSubject(changeset.bucket);
  const parts = encodeChangeset(changeset);
  return publishParts(bus, subject, parts, hashOf(parts), expected);
}

/** The same for any subject of the log; all parts land or none does. */
export async function publishParts(
  bus: Bus,
  subject: string,
  parts: readonly Uint8Array[],
  hash: string,
  expected: number,
): Promise<Published> {
  const expect = { lastSubjectSequence: expected };
  const withHash = () => {
    const h = headers();
    h.set(HASH_HEADER, hash);
    return h;
  };
  try {
    const [first, ...rest] = parts;
    if (first === undefined) throw new RangeError("nothing to publish");
    if (rest.length === 0) {
      const ack = await bus.js.publish(subject, first, { expect, headers: withHash() });
      return { streamSeq: ack.seq, hash };
    }
    const batch = await bus.js.startBatch(subject, first, { expect, headers: withHash() });
    const last = rest.pop();
    for (const part of rest) batch.add(subject, part, { headers: withHash() });
    const ack = await batch.commit(subject, last, { headers: withHash() });
    return { streamSeq: ack.seq, hash };
  } catch (error) {
    return settle(bus, subject, hash, expected, error);
  }
}

/** The client's errors do not tell a refusal from a lost answer; the subject's last message does. */
async function settle(bus: Bus, subject: string, hash: string, expected: number, error: unknown): Promise<Published> {
  const last = await lastOf(bus.jsm, subject);
  if (last !== null && last.header?.get(HASH_HEADER) === hash) return { streamSeq: last.seq, hash };
  if ((last?.seq ?? 0) !== expected) throw new FencedError(subject);
  throw error;
}
