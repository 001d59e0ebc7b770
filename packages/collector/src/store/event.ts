/** Events: the row is the event, collapsed by its id. */
import type { Store } from "./client.ts";
import { IN_ERA } from "./era.ts";
import { fromWire } from "./time.ts";
import { timeValue, Where } from "./where.ts";

export interface RecordedEvent {
  readonly id: string;
  readonly site: string;
  readonly device: string;
  readonly kind: string;
  readonly clause: string;
  /** At the site, ms. */
  readonly at: number;
  /** What it tells of: the same for a later revision. */
  readonly key: string;
  readonly revises: readonly string[];
  /** CloudEvents JSON. */
  readonly body: string;
  readonly recordedAt: number;
  readonly bucket: number;
  readonly era: number;
  readonly seq: number;
}

export interface EventQuery {
  /** Absent: every site of the tenant. */
  readonly sites?: readonly string[];
  readonly device?: string;
  readonly kinds?: readonly string[];
  /** At the site, ms: from inclusive, to exclusive. */
  readonly from?: number;
  readonly to?: number;
  readonly knownAt?: number;
  /** Where the buckets stand: what is written beyond is not applied yet and may come to nothing. Absent: everything. */
  readonly applied?: readonly Pick<RecordedEvent, "bucket" | "era" | "seq">[];
  /** Where the page before ended: its last event. */
  readonly after?: { readonly recordedAt: number; readonly id: string };
  readonly limit: number;
}

type Row = Omit<RecordedEvent, "at" | "recordedAt"> & { at: string; recorded_at: string };

const COLUMNS = "id, site, device, kind, clause, at, key, revises, body, recorded_at, bucket, era, seq";

function toEvent({ at, recorded_at, ...row }: Row): RecordedEvent {
  return { ...row, at: fromWire(at), recordedAt: fromWire(recorded_at) };
}

/** Newest recorded first. */
export async function readEvents(store: Store, tenant: string, q: EventQuery): Promise<RecordedEvent[]> {
  const where = new Where(IN_ERA)
    .and("tenant = {tenant:String}", { tenant })
    .and("site IN {sites:Array(String)}", { sites: q.sites })
    .and("device = {device:String}", { device: q.device })
    .and("kind IN {kinds:Array(String)}", { kinds: q.kinds })
    .and("at >= {from:DateTime64(3, 'UTC')}", { from: timeValue(q.from) })
    .and("at < {to:DateTime64(3, 'UTC')}", { to: timeValue(q.to) })
    .and("recorded_at <= {knownAt:DateTime64(3, 'UTC')}", { knownAt: timeValue(q.knownAt) })
    .and(
      "arrayExists((b, e, s) -> b = bucket AND (era, seq) <= (e, s), {buckets:Array(UInt16)}, {eras:Array(UInt32)}, {seqs:Array(UInt32)})",
      {
        buckets: q.applied?.map(({ bucket }) => bucket),
        eras: q.applied?.map(({ era }) => era),
        seqs: q.applied?.map(({ seq }) => seq),
      },
    )
    .and("(recorded_at, id) < ({afterAt:DateTime64(3, 'UTC')}, {afterId:String})", {
      afterAt: timeValue(q.after?.recordedAt),
      afterId: q.after?.id,
    });
  const sql = `SELECT ${COLUMNS} FROM event WHERE ${where.sql}
    ORDER BY recorded_at DESC, id DESC, era, seq LIMIT 1 BY id LIMIT {limit:UInt32}`;
  return (await store.query<Row>(sql, { ...where.parameters, limit: q.limit })).map(toEvent);
}

export interface EventPosition {
  readonly bucket: number;
  readonly era: number;
  readonly seq: number;
  /** Id of the last event already seen of that changeset; "" for none, "~" for all. */
  readonly event: string;
}

/** Events of one bucket after a position, oldest first: what the live feed sends. */
export async function readEventsAfter(
  store: Store,
  tenant: string,
  q: { readonly sites?: readonly string[]; readonly kinds?: readonly string[]; readonly position: EventPosition; readonly limit: number },
): Promise<RecordedEvent[]> {
  const { position, limit } = q;
  const where = new Where(IN_ERA)
    .and("tenant = {tenant:String}", { tenant })
    .and("bucket = {bucket:UInt16} AND (era, seq, id) > ({era:UInt32}, {seq:UInt32}, {event:String})", {
      bucket: position.bucket,
      era: position.era,
      seq: position.seq,
      event: position.event,
    })
    .and("site IN {sites:Array(String)}", { sites: q.sites })
    .and("kind IN {kinds:Array(String)}", { kinds: q.kinds });
  const sql = `SELECT ${COLUMNS} FROM event WHERE ${where.sql} ORDER BY era, seq, id LIMIT 1 BY id LIMIT {limit:UInt32}`;
  const rows = await store.query<Row>(sql, { ...where.parameters, limit });
  return rows.map(toEvent);
}
