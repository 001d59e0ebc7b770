/** The peer: the very rows that the collector makes of the backlog, as text, from JetStream into a table without views; ack after the insert. Nothing is decoded. */
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { AckPolicy, DeliverPolicy, type JsMsg, jetstream, jetstreamManager, RetentionPolicy, StorageType } from "@nats-io/jetstream";
import { decodeBatch } from "@vedette/collector/src/ingest/decode.ts";
import { toRow } from "@vedette/collector/src/ingest/row.ts";
import type { World } from "../../kit/index.ts";
import type { Sent } from "./backlog.ts";

const STREAM = "BENCH_RAW";
const SUBJECT = "bench.raw";
const TABLE = "bench_raw";
/** Fewer rows waste inserts, more waste memory. */
const ROWS_AN_INSERT = 10_000;
/** The broker cuts off whom more than 64 MiB wait for; a message has 50 to 100 KiB. */
const PULL = 200;
const IN_FLIGHT = 256;

export interface RawPipe {
  readonly rows: number;
  readonly bytes: number;
  readonly rowsPerSecond: number;
}

function rowsOf({ address, batch }: Sent, storedAt: string): { payload: Buffer; rows: number } {
  const decoded = decodeBatch(batch.bytes, null);
  const rows = decoded.accepted.map((a) => JSON.stringify({ ...toRow(address, decoded, a), stored_at: storedAt }));
  return { payload: Buffer.from(`${rows.join("\n")}\n`), rows: rows.length };
}

/** Over a connection of its own: the embedded server ends idle ones within a second. */
async function insert(centre: World, pieces: readonly Uint8Array[]): Promise<void> {
  const { url, user, password } = centre.storeOptions;
  const query = encodeURIComponent(`INSERT INTO ${TABLE} FORMAT JSONEachRow`);
  const target = `${url}/?database=vedette&async_insert=0&date_time_input_format=best_effort&query=${query}`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(target, { method: "POST", auth: `${user}:${password}`, agent: false }, resolve)
      .once("error", reject)
      .end(Buffer.concat(pieces));
  });
  const said = await text(response);
  if (response.statusCode !== 200) throw new Error(`the raw insert failed: ${said}`);
}

/** Publishes first, then measures the way through. Leaves nothing behind. */
export async function rawPipe(centre: World, backlog: readonly Sent[]): Promise<RawPipe> {
  const connection = await centre.connectTenant(centre.tenant);
  const jsm = await jetstreamManager(connection);
  const js = jetstream(connection);
  await centre.store.command(`CREATE TABLE ${TABLE} AS observation`);
  await jsm.streams.add({ name: STREAM, subjects: [SUBJECT], retention: RetentionPolicy.Limits, storage: StorageType.File });
  try {
    const storedAt = new Date().toISOString();
    const counts: number[] = [];
    let bytes = 0;
    const all = backlog.values();
    const publish = async () => {
      for (const sent of all) {
        const { payload, rows } = rowsOf(sent, storedAt);
        const { seq } = await js.publish(SUBJECT, payload);
        counts[seq] = rows;
        bytes += payload.length;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, publish));
    await jsm.consumers.add(STREAM, {
      durable_name: "raw",
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      max_ack_pending: 10_000,
    });
    const consumer = await js.consumers.get(STREAM, "raw");
    const messages = await consumer.consume({ max_messages: PULL });
    const last = counts.length - 1;
    let held: JsMsg[] = [];
    let rows = 0;
    let stored = 0;
    const began = performance.now();
    const store = async (taken: readonly JsMsg[], many: number) => {
      await insert(
        centre,
        taken.map((m) => m.data),
      );
      for (const message of taken) message.ack();
      stored += many;
    };
    // One insert at a time, while the next one gathers.
    let inserting = Promise.resolve();
    for await (const message of messages) {
      held.push(message);
      rows += counts[message.seq] ?? 0;
      if (rows < ROWS_AN_INSERT && message.seq < last) continue;
      await inserting;
      inserting = store(held, rows);
      // Its failure is met at the next turn.
      inserting.catch(() => undefined);
      held = [];
      rows = 0;
      if (message.seq === last) break;
    }
    await inserting;
    const seconds = (performance.now() - began) / 1_000;
    return { rows: stored, bytes, rowsPerSecond: stored / seconds };
  } finally {
    await jsm.streams.delete(STREAM);
    await centre.store.command(`DROP TABLE ${TABLE}`);
  }
}
