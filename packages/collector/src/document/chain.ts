/** One hash chain of documents per tenant: each names the SHA-256 of the one before, so that none can be changed or left out unseen. */
import { createHash } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DocumentSchema } from "@vedette/proto";
import { canonicalJson, type Json } from "./canonical.ts";

/** A document in its place in the chain. */
export interface ChainedDocument {
  readonly tenant: string;
  /** From 1. */
  readonly seq: number;
  readonly kind: string;
  readonly id: string;
  /** Canonical JSON; empty with deleted. */
  readonly body: string;
  readonly deleted: boolean;
  /** Id of a user, or "system". */
  readonly author: string;
  /** ms since 1970 */
  readonly decidedAt: number;
  /** SHA-256 of the one before, hex; empty for the first. */
  readonly previous: string;
  /** SHA-256 of `encoded`, hex. */
  readonly hash: string;
  /** vedette.v1.Document: what was published and hashed. */
  readonly encoded: Uint8Array;
}

/** A decision before it has its place. body null: deleted. */
export interface Draft {
  readonly kind: string;
  readonly id: string;
  readonly body: Json | null;
}

export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export type ChainFault = "undecodable" | "gap" | "fork" | "previous";

/** The chain does not hold: rows are missing, doubled or changed. Never repaired by us. */
export class ChainError extends Error {
  override readonly name = "ChainError";
  readonly fault: ChainFault;
  readonly tenant: string;
  readonly seq: number;

  constructor(fault: ChainFault, tenant: string, seq: number, cause?: unknown) {
    super(`documents of ${tenant}: ${fault} at ${seq}`, cause === undefined ? undefined : { cause });
    this.fault = fault;
    this.tenant = tenant;
    this.seq = seq;
  }
}

const MAX_BYTES = 256 * 1_024;

export function linkDocument(tenant: string, head: Head | null, draft: Draft, author: string, decidedAt: number): ChainedDocument {
  const message = create(DocumentSchema, {
    tenant,
    seq: (head?.seq ?? 0) + 1,
    kind: draft.kind,
    id: draft.id,
    body: draft.body === null ? "" : canonicalJson(draft.body),
    deleted: draft.body === null,
    author,
    decidedMs: decidedAt,
    previous: head === null ? new Uint8Array() : Buffer.from(head.hash, "hex"),
  });
  const encoded = toBinary(DocumentSchema, message);
  if (encoded.length > MAX_BYTES)
    throw new RangeError(`a document has at most ${MAX_BYTES} bytes, this ${draft.kind} has ${encoded.length}`);
  return readDocument(encoded);
}

/** @throws ChainError "undecodable" */
export function readDocument(encoded: Uint8Array): ChainedDocument {
  try {
    const message = fromBinary(DocumentSchema, encoded);
    return {
      tenant: message.tenant,
      seq: message.seq,
      kind: message.kind,
      id: message.id,
      body: message.body,
      deleted: message.deleted,
      author: message.author,
      decidedAt: message.decidedMs,
      previous: Buffer.from(message.previous).toString("hex"),
      hash: createHash("sha256").update(encoded).digest("hex"),
      encoded,
    };
  } catch (cause) {
    throw new ChainError("undecodable", "?", 0, cause);
  }
}

/** True where the document follows the head; false where it stood already behind it. @throws ChainError */
export function follows(head: Head | null, document: ChainedDocument): boolean {
  const seq = head?.seq ?? 0;
  if (document.seq < seq || document.seq === 0) return false;
  if (document.seq === seq) {
    if (document.hash !== head?.hash) throw new ChainError("fork", document.tenant, document.seq);
    return false;
  }
  if (document.seq > seq + 1) throw new ChainError("gap", document.tenant, document.seq);
  if (document.previous !== (head?.hash ?? "")) throw new ChainError("previous", document.tenant, document.seq);
  return true;
}

/** Head of a whole chain, from its first document on, each read again from its encoded bytes. @throws ChainError */
export function verifyChain(documents: Iterable<ChainedDocument>): Head | null {
  let head: Head | null = null;
  for (const stored of documents) {
    const document = readDocument(stored.encoded);
    if (document.hash !== stored.hash || document.seq !== stored.seq || document.body !== stored.body) {
      throw new ChainError("previous", stored.tenant, stored.seq);
    }
    if (!follows(head, document)) throw new ChainError("fork", stored.tenant, stored.seq);
    head = document;
  }
  return head === null ? null : { seq: head.seq, hash: head.hash };
}
