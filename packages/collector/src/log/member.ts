/**
 * The roll of collectors that live: each says so again and again, and the broker forgets who has been silent for a while. Losing the
 * roll costs nothing: everybody says it again.
 */
import { DiscardPolicy, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { MEMBER_WILDCARD, memberSubject, STREAM } from "@vedette/proto";
import type { Bus } from "./stream.ts";

const PREFIX = memberSubject("x").slice(0, -1);

async function ensureMemberStream({ jsm, replicas }: Bus): Promise<void> {
  await jsm.streams.add({
    name: STREAM.members,
    subjects: [MEMBER_WILDCARD],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: 1,
    allow_msg_ttl: true,
    num_replicas: replicas,
  });
}

/**
 * Says that `member` lives, and tells who does, sorted.
 * @param missedAfterSeconds of silence, then a collector is not there; the broker takes whole seconds
 * @throws where the broker does not answer
 */
export async function sayAlive(bus: Bus, member: string, missedAfterSeconds: number): Promise<readonly string[]> {
  const say = () => bus.js.publish(memberSubject(member), "", { ttl: `${missedAfterSeconds}s`, timeout: 2_000 });
  // At the first word, and after the broker's store was lost.
  await say().catch(async () => {
    await ensureMemberStream(bus);
    await say();
  });
  const { state } = await bus.jsm.streams.info(STREAM.members, { subjects_filter: MEMBER_WILDCARD });
  return Object.keys(state.subjects ?? {})
    .map((subject) => subject.slice(PREFIX.length))
    .sort();
}

/** Others take over at once. */
export async function sayLeaving(bus: Bus, member: string): Promise<void> {
  await bus.jsm.streams.purge(STREAM.members, { filter: memberSubject(member) });
}
