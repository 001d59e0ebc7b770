/** What the document log stands on: a stream with compare-and-set and the store. */
import type { ChainedDocument } from "./chain.ts";

export interface StreamedDocument {
  /** Sequence in the stream: the next expectation. */
  readonly sequence: number;
  readonly encoded: Uint8Array;
}

/** doc.v1.<tenant> of the stream LOG. It carries and may be lost; the store keeps. */
export interface DocumentStream {
  /** null: the stream holds none of this tenant. */
  last(tenant: string): Promise<StreamedDocument | null>;
  /** Kept messages of a tenant, oldest first. */
  kept(tenant: string): AsyncIterable<StreamedDocument>;
  /** False: the tenant's last message is another than `expected` (0 for none); nothing was published. */
  publish(tenant: string, encoded: Uint8Array, expected: number): Promise<boolean>;
  /** Every kept message of every tenant, then what comes, until `signal` aborts. One at a time: the next waits for `handle`. */
  follow(handle: (encoded: Uint8Array) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** The table `document`. */
export interface DocumentStore {
  /** Durable when it returns; inserting again changes nothing. */
  insert(documents: readonly ChainedDocument[]): Promise<void>;
  /** A tenant's documents with seq > `after`, in order. */
  after(tenant: string, after: number): Promise<readonly ChainedDocument[]>;
  /** Last seq of each tenant. */
  heads(): Promise<ReadonlyMap<string, number>>;
}
