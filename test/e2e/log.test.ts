/** The log on a real nats-server: what its compare-and-set lets through, and what a bucket is found to stand on. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { openConnection } from "@vedette/collector/src/bus/connection.ts";
import { type Nats, startNats } from "@vedette/collector/src/engine/index.ts";
import { NatsKeys } from "@vedette/collector/src/keys/nats.ts";
import { type Changeset, MAX_PART_BYTES } from "@vedette/collector/src/log/changeset.ts";
import { documentStream } from "@vedette/collector/src/log/document-stream.ts";
import { ensureEventStream, publishEvents } from "@vedette/collector/src/log/event.ts";
import { type Applied, type Opening, openBucket } from "@vedette/collector/src/log/position.ts";
import { FencedError, type Published, publishChangeset } from "@vedette/collector/src/log/publish.ts";
import { type Bus, ensureLogStream } from "@vedette/collector/src/log/stream.ts";
import { changesetSubject, STREAM } from "@vedette/proto";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../kit/index.ts";

const T0 = Date.UTC(2026, 2, 3, 8);
/** More rows of this size than fit in one message. */
const ROW_BYTES = 100_000;
const MANY = Math.ceil((2.5 * MAX_PART_BYTES) / ROW_BYTES);

let folder: string;
let nats: Nats;
let bus: Bus;
let close: () => Promise<void>;
let bucket = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-log-"));
  const logger = pino({ level: "silent" });
  const keys = await NatsKeys.load(join(folder, "keys"), true);
  nats = await startNats({ data: join(folder, "nats"), port: await freePort(), ...(await keys.trust()), logger });
  const centre = await openConnection({ url: nats.url, user: await keys.centreUser("test"), name: "centre", logger });
  close = () => centre.close();
  bus = { js: jetstream(centre), jsm: await jetstreamManager(centre), replicas: 1 };
  await ensureLogStream(bus);
  await ensureEventStream(bus);
});
afterAll(async () => {
  await close?.();
  await nats?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  bucket += 1;
});

/** @param rows how many large ones it carries */
function changeset(seq: number, more: { era?: number; rows?: number; code?: string } = {}): Changeset {
  const { era = 1, rows = 1, code = "1" } = more;
  const table = { table: "belief", rows: Array.from({ length: rows }, (_, n) => ({ n, text: "x".repeat(ROW_BYTES) })) };
  return { bucket, era, seq, recordedAt: T0 + seq, derivedThrough: T0, code, tables: [table] };
}

function appliedOf(of: Changeset, { hash }: Published): Applied {
  return { era: of.era, seq: of.seq, recordedAt: of.recordedAt, hash };
}

async function messages(subject: string, stream: string = STREAM.log): Promise<number> {
  const { state } = await bus.jsm.streams.info(stream, { subjects_filter: subject });
  return state.subjects?.[subject] ?? 0;
}

describe.each([
  ["of one message", 1],
  ["of several", MANY],
])("a changeset %s", (_name, rows) => {
  it("lands where its bucket is as expected; of two that expect the same the later one changes nothing", async () => {
    const first = await publishChangeset(bus, changeset(1, { rows }), 0);
    const landed = await messages(changesetSubject(bucket));
    expect(landed > 1).toBe(rows > 1);
    for (const expected of [0, first.streamSeq - 1]) {
      await expect(publishChangeset(bus, changeset(2, { rows }), expected)).rejects.toBeInstanceOf(FencedError);
    }
    expect(await messages(changesetSubject(bucket))).toBe(landed);
    const next = await publishChangeset(bus, changeset(2, { rows }), first.streamSeq);
    expect(next.streamSeq).toBe(first.streamSeq + landed);
  });

  it("is there once, and known to be there, when its answer was lost and it is published again", async () => {
    const first = await publishChangeset(bus, changeset(1, { rows }), 0);
    const landed = await messages(changesetSubject(bucket));
    expect(await publishChangeset(bus, changeset(1, { rows }), 0)).toEqual(first);
    expect(await messages(changesetSubject(bucket))).toBe(landed);
  });
});

describe("a log that is made anew", () => {
  it("never gives a sequence that the lost one gave", async () => {
    const lost = await publishChangeset(bus, changeset(1), 0);
    await bus.jsm.streams.delete(STREAM.log);
    await Promise.all([ensureLogStream(bus), ensureLogStream(bus)]);
    const next = await publishChangeset(bus, changeset(1, { era: 2 }), 0);
    expect(next.streamSeq).toBeGreaterThan(lost.streamSeq);
    await expect(publishChangeset(bus, changeset(2), lost.streamSeq)).rejects.toBeInstanceOf(FencedError);
    await ensureLogStream(bus);
    expect((await publishChangeset(bus, changeset(2, { era: 2 }), next.streamSeq)).streamSeq).toBe(next.streamSeq + 1);
  });
});

describe("a document", () => {
  it("is refused where its tenant has decided otherwise since", async () => {
    const stream = documentStream(bus);
    const tenant = `t-${bucket}`;
    const encoded = (text: string) => new TextEncoder().encode(text);
    expect(await stream.publish(tenant, encoded("one"), 0)).toBe(true);
    const { sequence } = (await stream.last(tenant)) ?? { sequence: 0 };
    expect(await stream.publish(tenant, encoded("other"), 0)).toBe(false);
    expect(await stream.publish(tenant, encoded("two"), sequence)).toBe(true);
    const kept: string[] = [];
    for await (const document of stream.kept(tenant)) kept.push(new TextDecoder().decode(document.encoded));
    expect(kept).toEqual(["one", "two"]);
  });
});

describe("a bucket", () => {
  const open = (applied: Applied | null, newest: number) => openBucket(bus, bucket, applied, newest);
  const eraOf = (opening: Opening) => (opening.kind === "new-era" ? { era: opening.era, expected: opening.expected } : opening.kind);

  it("that was never written begins its first era, and a next one where an era was opened before", async () => {
    expect(eraOf(await open(null, 0))).toEqual({ era: 1, expected: 0 });
    expect(eraOf(await open(null, 3))).toEqual({ era: 4, expected: 0 });
  });

  it("goes on after what is applied, and applies first what is only published, in order and whole", async () => {
    const made = [changeset(1), changeset(2, { rows: MANY }), changeset(3)];
    const published: Published[] = [];
    for (const one of made) published.push(await publishChangeset(bus, one, published.at(-1)?.streamSeq ?? 0));
    const [first, , last] = published as [Published, Published, Published];
    const position = { era: 1, seq: 3, recordedAt: T0 + 3, expected: last.streamSeq };
    const standing = await open(appliedOf(changeset(3), last), 1);
    expect(standing).toEqual({ kind: "resume", pending: [], position });
    const behind = await open(appliedOf(changeset(1), first), 1);
    expect(behind).toMatchObject({ kind: "resume", position });
    const pending = behind.kind === "resume" ? behind.pending : [];
    expect(pending.map(({ changeset: c, hash }) => [c.seq, c.recordedAt, hash])).toEqual(
      [2, 3].map((seq) => [seq, T0 + seq, published[seq - 1]?.hash]),
    );
    expect(pending[0]?.changeset.tables.flatMap((t) => t.rows)).toEqual(changeset(2, { rows: MANY }).tables.flatMap((t) => t.rows));
  });

  it("whose log ends before what is applied, or holds something else at its place, opens the next era", async () => {
    const first = await publishChangeset(bus, changeset(1), 0);
    const beyond: Applied = { era: 1, seq: 2, recordedAt: T0 + 2, hash: "lost" };
    expect(await open(beyond, 1)).toMatchObject({ era: 2, expected: first.streamSeq, reason: "the log ends before what is applied" });
    expect(eraOf(await open({ ...appliedOf(changeset(1), first), hash: "other" }, 1))).toEqual({ era: 2, expected: first.streamSeq });
  });

  it("whose log no longer holds what is to be applied next opens the next era", async () => {
    const first = await publishChangeset(bus, changeset(3), 0);
    expect(eraOf(await open({ era: 1, seq: 1, recordedAt: T0 + 1, hash: "1" }, 1))).toEqual({ era: 2, expected: first.streamSeq });
  });

  it("never gives an era's number twice, not that of one that was opened and never begun", async () => {
    const first = await publishChangeset(bus, changeset(1), 0);
    expect(eraOf(await open(appliedOf(changeset(1), first), 5))).toEqual({ era: 6, expected: first.streamSeq });
    // Of an era that is in the log alone.
    const later = await publishChangeset(bus, changeset(1, { era: 9 }), first.streamSeq);
    expect(eraOf(await open({ era: 10, seq: 1, recordedAt: T0, hash: "x" }, 8))).toEqual({ era: 10, expected: later.streamSeq });
  });
});

describe("events", () => {
  it("that are published twice are on the bus once, and stand again after the broker's store was lost", async () => {
    const body = JSON.stringify({ id: "e" });
    const table = { table: "event", rows: [{ tenant: "t", site: "s", kind: "drift", id: "e", body }] };
    const told: Changeset = { ...changeset(1), tables: [table] };
    await publishEvents(bus, told);
    await publishEvents(bus, told);
    expect(await messages("evt.v1.t.s.drift", STREAM.events)).toBe(1);
    await bus.jsm.streams.delete(STREAM.events);
    await publishEvents(bus, told);
    expect(await messages("evt.v1.t.s.drift", STREAM.events)).toBe(1);
  });
});
