/** The stream LOG: created where it is missing, and its last message of a subject. */
import {
  DiscardPolicy,
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

/** Made where it is missing: at the start, and again where the broker's store was lost. */
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
  try {
    await jsm.streams.add(config);
  } catch (error) {
    // Another replica made it first, perhaps with an older version's settings.
    const existing = await jsm.streams.info(STREAM.log).catch(() => null);
    if (existing === null) throw error;
    await jsm.streams.update(STREAM.log, config);
  }
}

/** Null where the subject has no message. */
export async function lastOf(jsm: JetStreamManager, subject: string): Promise<StoredMsg | null> {
  return jsm.streams.getMessage(STREAM.log, { last_by_subj: subject });
}
