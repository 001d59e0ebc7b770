/** The stream of one tenant's observations and ingest's place in it: made where missing, since the broker's store may vanish. */
import {
  AckPolicy,
  type Consumer,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { OBSERVATION_WILDCARD, STREAM } from "@vedette/proto";
import { MAX_BATCH_BYTES } from "./decode.ts";

/** One durable for all collectors: each message goes to one of them. */
export const DURABLE = "ingest";
export const ACK_WAIT_MS = 30_000;
/** Messages delivered and not acked, over all collectors: the client holds what it was given, whatever is in hand. */
export const MAX_PENDING = 1_000;
const NANOS = 1_000_000;
const MAX_AGE_MS = 7 * 24 * 3_600_000;
/** Agents keep what has no receipt, so the oldest may go when this is full. An agent has some 2.5 MB on the way at the most. */
const MAX_STREAM_BYTES = 1024 ** 3;
const HEADER_BYTES = 4 * 1024;
/** Of one agent; more than it ever has without a receipt. One that floods drives out its own, which it sends again, and delays others by no more than this. */
export const MAX_AGENT_MESSAGES = 1_000;

export async function ensureObservations(nc: NatsConnection, replicas = 1): Promise<Consumer> {
  const jsm = await jetstreamManager(nc);
  const stream = {
    name: STREAM.observations,
    subjects: [OBSERVATION_WILDCARD],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: MAX_AGE_MS * NANOS,
    max_bytes: MAX_STREAM_BYTES,
    max_msgs_per_subject: MAX_AGENT_MESSAGES,
    max_msg_size: MAX_BATCH_BYTES + HEADER_BYTES,
    num_replicas: replicas,
  };
  await orUpdate(
    () => jsm.streams.add(stream),
    () => jsm.streams.update(STREAM.observations, stream),
  );
  const consumer = {
    durable_name: DURABLE,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ACK_WAIT_MS * NANOS,
    max_ack_pending: MAX_PENDING,
  };
  await orUpdate(
    () => jsm.consumers.add(STREAM.observations, consumer),
    () => jsm.consumers.update(STREAM.observations, DURABLE, { ack_wait: consumer.ack_wait, max_ack_pending: consumer.max_ack_pending }),
  );
  return jetstream(nc).consumers.get(STREAM.observations, DURABLE);
}

/** The API's "already exists, with other settings": an older version of ours made it. */
const IN_USE = new Set([10_058, 10_013, 10_105, 10_148]);

async function orUpdate(add: () => Promise<unknown>, update: () => Promise<unknown>): Promise<void> {
  try {
    await add();
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || !IN_USE.has(error.code)) throw error;
    await update();
  }
}
