import { expect, it } from "vitest";
import { type Changeset, encodeChangeset } from "./changeset.ts";
import { type Applied, openBucket } from "./position.ts";
import { HASH_HEADER } from "./publish.ts";
import type { Bus } from "./stream.ts";

const BUCKET = 3;
const changeset = (era: number, seq: number): Changeset => {
  const row = { text: "x".repeat(100) };
  return {
    bucket: BUCKET,
    era,
    seq,
    recordedAt: era * 100 + seq,
    derivedThrough: 0,
    code: "c",
    tables: [{ table: "belief", rows: [row] }],
  };
};
const applied = (era: number, seq: number): Applied => ({ era, seq, recordedAt: 1, hash: `${era}/${seq}` });

/** What a broker gives of these changesets; `seen`: how many of them the server that is asked for all of them knows. */
function busOf(log: readonly Changeset[], seen = log.length): Bus {
  const messages = log.map((c, i) => ({
    seq: i + 1,
    data: encodeChangeset(c)[0] as Uint8Array,
    header: new Map([[HASH_HEADER, `${c.era}/${c.seq}`]]),
  }));
  const known = messages.slice(0, seen).map((m) => ({ data: m.data, headers: m.header }));
  const consumer = {
    info: async () => ({ num_pending: known.length }),
    fetch: async () => known,
    delete: async () => true,
  };
  return {
    js: { consumers: { get: async () => consumer } },
    jsm: { streams: { getMessage: async () => messages.at(-1) ?? null } },
    replicas: 3,
  } as unknown as Bus;
}

it("goes on after what is applied, with all that is not", async () => {
  const log = [changeset(1, 1), changeset(1, 2), changeset(2, 1), changeset(2, 2)];
  const opening = await openBucket(busOf(log), BUCKET, applied(1, 1), 2);
  expect(opening).toMatchObject({ kind: "resume", position: { era: 2, seq: 2, expected: 4 } });
  expect(opening.kind === "resume" ? opening.pending.map((p) => p.hash) : []).toEqual(["1/2", "2/1", "2/2"]);
});

it("asks again where the server that is asked lags behind the last message, rather than skip it", async () => {
  const log = [changeset(1, 1), changeset(1, 2), changeset(1, 3)];
  await expect(openBucket(busOf(log, 2), BUCKET, applied(1, 1), 1)).rejects.toThrow("does not give its last changeset");
});

it("opens an era where the log no longer holds everything that was to be applied", async () => {
  const reason = "the log no longer holds what was to be applied next";
  const next = (log: Changeset[], at: Applied | null) => openBucket(busOf(log), BUCKET, at, log.at(-1)?.era ?? 0);
  expect(await next([changeset(1, 3)], applied(1, 1))).toMatchObject({ kind: "new-era", era: 2, reason });
  expect(await next([changeset(1, 2), changeset(1, 4)], applied(1, 1))).toMatchObject({ kind: "new-era", era: 2, reason });
  expect(await next([changeset(2, 3)], applied(1, 1))).toMatchObject({ kind: "new-era", era: 3, reason });
  expect(await next([changeset(1, 2)], null)).toMatchObject({ kind: "new-era", era: 2, reason });
});
