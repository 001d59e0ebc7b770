/** Events on the bus, for whoever is not a browser: published only after they are applied, perhaps twice, with the id as message id. */
import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { EVENT_KINDS, EVENT_WILDCARD, type EventKind, eventSubject, STREAM } from "@vedette/proto";
import type { Changeset, Row } from "./changeset.ts";
import type { Bus } from "./stream.ts";

const KEEP_NS = 7 * 24 * 3_600 * 1_000_000_000;
/** They are in ClickHouse: here the oldest go before they fill the broker's disk. */
const KEEP_BYTES = 1024 ** 3;

export async function ensureEventStream({ jsm, replicas }: Bus): Promise<void> {
  const config = {
    name: STREAM.events,
    subjects: [EVENT_WILDCARD],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: KEEP_NS,
    max_bytes: KEEP_BYTES,
    num_replicas: replicas,
  };
  try {
    await jsm.streams.add(config);
  } catch (error) {
    const existing = await jsm.streams.info(STREAM.events).catch(() => null);
    if (existing === null) throw error;
    await jsm.streams.update(STREAM.events, config);
  }
}

function isKind(kind: unknown): kind is EventKind {
  return EVENT_KINDS.some((k) => k === kind);
}

/** The event rows of a changeset. */
export function eventsOf(changeset: Changeset): readonly Row[] {
  return changeset.tables.filter(({ table }) => table === "event").flatMap(({ rows }) => rows);
}

/** @throws where the broker does not take them; the next holder publishes them again */
export async function publishEvents(bus: Bus, changeset: Changeset): Promise<void> {
  for (const row of eventsOf(changeset)) {
    const { tenant, site, kind, id, body } = row;
    if (typeof tenant !== "string" || typeof site !== "string" || typeof id !== "string" || typeof body !== "string" || !isKind(kind))
      continue;
    const publish = () => bus.js.publish(eventSubject(tenant, site, kind), body, { msgID: id });
    // The broker's store may have been lost.
    await publish().catch(async () => {
      await ensureEventStream(bus);
      await publish();
    });
  }
}
