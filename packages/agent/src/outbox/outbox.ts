/**
 * Store-and-forward between looking and publishing. An observation leaves it on the collector's receipt alone, never on the broker's ack.
 * One implementation (disk.ts), on a file for agents and in memory for `vedette audit` (memory.ts).
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ObservationSchema, Receipt } from "@vedette/proto";

/** Most that one batch carries (docs/wire.md). */
export const BATCH_OBSERVATIONS = 500;
export const BATCH_BYTES = 256 * 1024;
/** Room for the batch's own fields: epoch, versions, clock. */
const BATCH_OVERHEAD = 1024;
/** Field tag and length of one embedded observation. */
export const FRAME_BYTES = 6;
export const BATCH_PAYLOAD_BYTES = BATCH_BYTES - BATCH_OVERHEAD;
/** Largest encoded observation: it must fit a batch alone. */
export const OBSERVATION_BYTES = BATCH_PAYLOAD_BYTES - FRAME_BYTES;
/** An outbox starts a new epoch before this seq. */
export const SEQ_LIMIT = 2 ** 31 - 1;

export interface EpochStamp {
  /** 32 lower-case hex digits. */
  readonly id: string;
  /** Wall clock when it began, ms since 1970. */
  readonly createdMs: number;
}

/** An observation that has no seq yet. */
export type Draft = Omit<MessageInitShape<typeof ObservationSchema>, "$typeName" | "$unknown" | "seq">;

/** What was last told about one look: a subject, a probe, and what tells apart several looks of that pair. */
export interface Told {
  /** Outcome as in the proto enum. */
  readonly outcome: number;
  /** Fault code of the last report, "" where none. */
  readonly fault: string;
  /** SHA-256 over the posture bytes, and the key of the observation that carried them; absent where facts never went out or are asked for again. */
  readonly base?: { readonly hash: Uint8Array; readonly epoch: string; readonly seq: number; readonly sentAtMs: number };
  /** Last known posture bytes: open ports and paths are known again after a restart. */
  readonly posture?: Uint8Array;
  /** When anything was last reported, ms since 1970. */
  readonly reportedAtMs: number;
  /** Reports in a row with the same outcome. */
  readonly repeats: number;
}

/** `base` without epoch and seq means: this very observation is the new base. */
export interface ToldDraft {
  readonly outcome: number;
  readonly fault: string;
  readonly base?: Told["base"] | { readonly hash: Uint8Array; readonly sentAtMs: number };
  readonly posture?: Uint8Array;
  readonly reportedAtMs: number;
  readonly repeats: number;
}

/** What is given up first when there is no room: the lower. */
export const RANK = { confirmation: 0, outcome: 1, change: 2 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];
/** Rank of gap records: they are never given up to make room. */
export const GAP_RANK = 3;
export const RANKS = [RANK.confirmation, RANK.outcome, RANK.change, GAP_RANK] as const;
export type StoredRank = (typeof RANKS)[number];

export interface Entry {
  /** Key of the look, see look-key.ts. */
  readonly look: string;
  readonly rank: Rank;
  readonly draft: Draft;
  readonly told: ToldDraft;
}

/** Contiguous encoded observations of one epoch. */
export interface OutboxBatch {
  readonly epoch: EpochStamp;
  readonly first: number;
  readonly last: number;
  /** Position of the last: what comes next is after it. Positions count on over all epochs of the outbox. */
  readonly end: number;
  readonly observations: readonly Uint8Array[];
}

export interface OutboxSize {
  readonly depth: number;
  readonly bytes: number;
  /** When the oldest kept observation was appended, ms since 1970; absent where empty. */
  readonly oldestMs?: number;
  /** Observations that were not taken since the file was made: it held nothing that is worth less. */
  readonly refused: number;
  /** Observations that were given up since the file was made, to make room or for their age. */
  readonly dropped: number;
}

export interface Applied {
  readonly removed: number;
  /** Looks whose facts are asked for again. */
  readonly needFacts: readonly string[];
  readonly epochRenewed: boolean;
}

/** There is no room, nor anything kept that is worth less: nothing of the append was kept; it is counted, and told in a gap record. */
export class OutboxFullError extends Error {
  override readonly name = "OutboxFullError";
}

/** One observation is larger than a batch may be. */
export class ObservationTooLargeError extends Error {
  override readonly name = "ObservationTooLargeError";
}

export interface Outbox {
  /** That of the next observation. */
  readonly epoch: EpochStamp;
  /** Position of the newest observation, 0 before the first. */
  readonly end: number;
  /**
   * Appends all or nothing and returns the seqs, gap-free from 1 in each epoch; durable when it returns. Where there is no room, what is
   * worth least is given up, oldest first, and a gap record names it.
   * @throws OutboxFullError, ObservationTooLargeError
   */
  append(entries: readonly Entry[]): readonly number[];
  /** The oldest observations after a position, as many as one batch may carry; undefined where there are none. */
  batch(after: number): OutboxBatch | undefined;
  /** The oldest changes after a position that follow each other. */
  changes(after: number): OutboxBatch | undefined;
  /** Removes what a receipt covers in its epoch; a receipt of an epoch that is not ours changes nothing. */
  apply(receipt: Receipt): Applied;
  /** Begins a new epoch: what is kept stays in the one it has, and every look sends its facts again. */
  renewEpoch(): void;
  told(look: string): Told | undefined;
  /** Every look ever told, for a restart. */
  allTold(): Iterable<readonly [look: string, told: Told]>;
  /** Forgets looks that will not come again. */
  forget(looks: readonly string[]): void;
  size(): OutboxSize;
  close(): void;
}
