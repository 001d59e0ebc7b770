/** Produced = stored = on the timeline. */
import type { Timeline } from "@vedette/collector/src/api/shape.ts";
import type { RestApi, World } from "../kit/index.ts";
import { CLAUSE } from "../kit/stream-observation.ts";
import { type Change, changesOf, contestedMarks, inOrder, outOfOrder, type Told, timesOf } from "./expect.ts";
import { cameraAddress, DEVICES, type Journal } from "./journal.ts";

export interface Findings {
  readonly produced: number;
  readonly stored: number;
  readonly onTimeline: number;
  /** Changes that have no line of their own, since the clock's error put them at the moment of another. */
  readonly collapsed: number;
  /** Stored, but in an epoch's end in which one seq has two contents. */
  readonly contested: number;
  /** Given up or refused for want of room, as the outbox's own gap records count them. */
  readonly givenUp: number;
  readonly refused: number;
  /** Taken by the outbox, neither stored nor counted by a gap record. */
  readonly lost: readonly number[];
  /** Stored and never produced, or refused by the outbox. */
  readonly invented: readonly number[];
  /** Stands before what was produced earlier. */
  readonly disordered: readonly number[];
  /** Lines that stand on a timeline more than once, and events told twice. */
  readonly doubled: readonly string[];
  /** Where a timeline differs in what it says. */
  readonly wrong: readonly string[];
}

/** A run that produced nothing shows nothing. */
export function isRight({ produced, lost, invented, disordered, doubled, wrong }: Findings): boolean {
  return produced > 0 && lost.length + invented.length + disordered.length + doubled.length + wrong.length === 0;
}

/** One difference or none: all after the first only follow from it. */
export function compareTimelines(expected: readonly Change[], shown: readonly Change[]): { doubled: string[]; wrong: string[] } {
  const seen = new Set<number>();
  const doubled = shown.flatMap(({ from }) => {
    if (seen.has(from)) return [new Date(from).toISOString()];
    seen.add(from);
    return [];
  });
  const places = Array.from({ length: Math.max(expected.length, shown.length) }, (_, i) => i);
  const at = places.find((i) => expected[i]?.from !== shown[i]?.from || expected[i]?.open !== shown[i]?.open);
  const say = (change: Change | undefined) => (change === undefined ? "nothing" : JSON.stringify(change));
  return { doubled, wrong: at === undefined ? [] : [`line ${at}: expected ${say(expected[at])}, shown ${say(shown[at])}`] };
}

async function readTold(world: World): Promise<Told[]> {
  const epochs = await world.store.query<{ epoch: string; ms: string }>(
    "SELECT epoch, toString(toUnixTimestamp64Milli(argMin(created_at, stored_at))) AS ms FROM epoch GROUP BY epoch",
  );
  const created = new Map(epochs.map(({ epoch, ms }) => [epoch, Number(ms)]));
  const rows = await world.store.query<{
    epoch: string;
    seq: number;
    content_hash: string;
    wall: string;
    offset: number;
    stored: string;
    mark: string;
  }>(
    `SELECT epoch, seq, content_hash, any(JSONExtractString(facts, 'server')) AS mark, toString(toUnixTimestamp64Milli(argMin(wall_at, stored_at))) AS wall,
       ifNull(argMin(tuple(offset_ms), stored_at).1, 0) AS offset, toString(toUnixTimestamp64Milli(min(stored_at))) AS stored
     FROM observation GROUP BY epoch, seq, content_hash`,
  );
  return rows.map((row) => ({
    epoch: row.epoch,
    epochMs: created.get(row.epoch) ?? 0,
    seq: row.seq,
    contentHash: row.content_hash,
    wallMs: Number(row.wall) + row.offset,
    storedMs: Number(row.stored),
    mark: Number(row.mark),
  }));
}

/** What gap records count: changes under seqs that were given up, and changes that never got one. */
async function readGaps(world: World): Promise<{ givenUp: number; refused: number }> {
  const [row] = await world.store.query<{ given: number; refused: number }>(
    `SELECT toUInt32(sumIf(changes, ranges > 0)) AS given, toUInt32(sumIf(changes, ranges = 0)) AS refused
     FROM (SELECT any(JSONExtractUInt(facts, 'changes')) AS changes, any(JSONLength(facts, 'ranges')) AS ranges
       FROM observation WHERE probe = 'agent.gap' AND JSONExtractString(facts, 'reason') IN ('size', 'age', 'disk-full')
       GROUP BY epoch, seq, content_hash)`,
  );
  return { givenUp: row?.given ?? 0, refused: row?.refused ?? 0 };
}

export async function check(world: World, journal: Journal): Promise<Findings> {
  const ordered = inOrder(await readTold(world));
  const times = timesOf(ordered);
  const stored = new Set(ordered.flatMap((t) => (t.mark > 0 ? [t.mark] : [])));
  const contested = contestedMarks(ordered);
  const gaps = await readGaps(world);
  const missing = [...journal.kept].filter((mark) => !stored.has(mark));
  const doubled: string[] = [];
  const wrong: string[] = [];
  let onTimeline = 0;
  let collapsed = 0;
  const devices = await world.api.devices();
  for (let device = 0; device < DEVICES; device++) {
    const address = cameraAddress(device);
    const looks = ordered.flatMap(({ mark }, i) => {
      const intent = journal.intents.get(mark);
      return intent?.device === device ? [{ from: times[i] as number, open: intent.open }] : [];
    });
    const found = devices.filter((d) => d.addresses.includes(address));
    const [one] = found;
    if (one === undefined || found.length > 1) {
      wrong.push(`${address}: ${found.length} devices`);
      continue;
    }
    const shown = await timelineOf(world.api, one.id);
    const expected = changesOf(looks);
    collapsed += looks.filter((look, i) => look.open !== looks[i - 1]?.open).length - expected.length;
    const compared = compareTimelines(expected, shown);
    doubled.push(...compared.doubled.map((t) => `${address} ${t}`));
    wrong.push(...compared.wrong.map((t) => `${address} ${t}`));
    onTimeline += shown.length;
  }
  const events = Map.groupBy(await world.api.events(), (event) => event.id);
  doubled.push(...[...events].filter(([, same]) => same.length > 1).map(([id]) => `event ${id}`));
  return {
    produced: journal.kept.size,
    stored: stored.size,
    onTimeline,
    collapsed,
    contested: contested.size,
    ...gaps,
    lost: missing.length === gaps.givenUp ? [] : missing,
    invented: [...stored].filter((mark) => !journal.intents.has(mark) || journal.refused.has(mark)),
    disordered: outOfOrder(ordered, contested),
    doubled,
    wrong,
  };
}

/** In the order in which it is told. A status other than fail is the refusing stream: clause parts that nothing looks at keep it from "pass". */
async function timelineOf(api: RestApi, device: string): Promise<Change[]> {
  const changes: Change[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Timeline = await api.get(
      `/devices/${device}/timeline?clause=${CLAUSE}&limit=500${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    for (const { from, status } of page.items) changes.push({ from: Date.parse(from), open: status === "fail" });
    cursor = page.nextCursor;
  }
  return changes;
}
