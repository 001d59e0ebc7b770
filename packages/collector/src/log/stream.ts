/** The stream LOG: created where it is missing, and its last message of a subject. */
import {
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
} from "@nats-io/jetstream";
import { CHANGESET_WILDCARD, DOCUMENT_WILDCARD, STREAM } from "@vedette/proto";

/** Messages kept per subject, each of 900 KiB at the most: of a bucket only what is not applied yet is needed, all else is in ClickHouse. */
const KEEP_PER_SUBJECT = 1_000;

export interface Bus {
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  /** Copies of a stream that is made. */
  readonly replicas: number;
}

/** The API's "stream not found", and "already exists, with other settings". */
const NOT_FOUND = 10_059;
const IN_USE = 10_058;
/** More than the log ever gets in a millisecond. */
const SEQUENCES_PER_MS = 1_000;

function isRefusal(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

/**
 * Made where it is missing: at the start, and again where the broker's store was lost. One that is made anew begins above every sequence that an
 * earlier one can have given: whoever still expects one of those is refused, and never let in by chance.
 */
export async function ensureLogStream({ jsm, replicas }: Bus): Promise<void> {
  const config = {
    name: STREAM.log,
    subjects: [CHANGESET_WILDCARD, DOCUMENT_WILDCARD],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: KEEP_PER_SUBJECT,
    num_replicas: replicas,
    allow_atomic: true,
    allow_direct: true,
  };
  const update = () => jsm.streams.update(STREAM.log, config);
  try {
    await update();
  } catch (error) {
    if (!isRefusal(error, NOT_FOUND)) throw error;
    await jsm.streams.add({ ...config, first_seq: Date.now() * SEQUENCES_PER_MS }).catch((refused: unknown) => {
      // Another collector made it first.
      if (!isRefusal(refused, IN_USE)) throw refused;
      return update();
    });
  }
}

/** Null where the subject has no message. */
export async function lastOf(jsm: JetStreamManager, subject: string): Promise<StoredMsg | null> {
  return jsm.streams.getMessage(STREAM.log, { last_by_subj: subject });
}
