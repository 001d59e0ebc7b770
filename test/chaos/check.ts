/** Produced = stored = on the timeline. */
import type { Timeline } from "@vedette/collector/src/api/shape.ts";
import type { RecordedEvent, RestApi, World } from "../kit/index.ts";
import { CLAUSE } from "../kit/stream-observation.ts";
import { accountOf } from "./account.ts";
import { type Change, changesOf, contestedMarks, heldBack, inOrder, outOfOrder, timesOf } from "./expect.ts";
import { cameraAddress, DEVICES, type Journal } from "./journal.ts";
import { readCorrectedSweeps, readGaps, readTold } from "./stored.ts";

export interface Findings {
  readonly produced: number;
  readonly stored: number;
  readonly onTimeline: number;
  /** Events of changes on the timelines, without those that were revised. */
  readonly events: number;
  /** Changes that have no line of their own, since the clock's error put them at the moment of another. */
  readonly collapsed: number;
  /** Stored, but in an epoch's end in which one seq has two contents. */
  readonly contested: number;
  /** Given up or refused for want of room, and told in gap records. */
  readonly givenUp: number;
  readonly refused: number;
  /** How far from the true moment an observation stands, ms. */
  readonly timeErrorMs: { readonly median: number; readonly most: number };
  /** Observations of which nothing became: neither stored nor named by a gap record; and refused ones that none counts. */
  readonly lost: readonly number[];
  readonly untold: number;
  /** Stored and never produced, or refused by the outbox. */
  readonly invented: readonly number[];
  /** Gap records whose counts are not those of what was given up. */
  readonly miscounted: readonly string[];
  /** Stands before what was produced earlier. */
  readonly disordered: readonly number[];
  /** Stands at another moment than that at which it was produced. */
  readonly mistimed: readonly number[];
  /** Observations that are stored under two keys, lines that stand on a timeline more than once, and events told twice. */
  readonly doubled: readonly string[];
  /** Where a timeline or its events differ in what they say. */
  readonly wrong: readonly string[];
  /** Sweeps that found something to correct, from the beginning of the run. */
  readonly correctedSweeps: number;
}

/** Beyond what the way of an observation explains. */
const MOST_OFF_MS = 15_000;
/** While both writers of a copied disk tell, one epoch stands before all of the other, and for three minutes more (docs/ingest.md). */
const MOST_HELD_BACK_MS = 10 * 60_000;
/** Lines of a timeline before its device was looked at whole: changes among them are no events. */
const INITIAL_LINES = 3;

/** A run that produced nothing, or of which nobody was told anything, shows nothing. */
export function isRight(f: Findings): boolean {
  const wrong = [f.lost, f.invented, f.miscounted, f.disordered, f.mistimed, f.doubled, f.wrong];
  return f.produced > 0 && f.events > 0 && f.untold === 0 && f.correctedSweeps === 0 && wrong.every((list) => list.length === 0);
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

/** Each line but the first ones has one event, and no event is without its line. */
export function compareEvents(lines: readonly Change[], events: readonly Change[]): { doubled: string[]; wrong: string[] } {
  const initial = Math.min(lines.length, Math.max(1, lines.length - events.length));
  if (initial > INITIAL_LINES) return { doubled: [], wrong: [`${events.length} events for ${lines.length} lines`] };
  const compared = compareTimelines(lines.slice(initial), events);
  return { doubled: compared.doubled, wrong: compared.wrong.map((text) => `events, ${text}`) };
}

export async function check(world: World, journal: Journal): Promise<Findings> {
  const ordered = inOrder(await readTold(world));
  const times = timesOf(ordered);
  const stored = new Set(ordered.flatMap((t) => (t.mark > 0 ? [t.mark] : [])));
  const contested = contestedMarks(ordered);
  const { repeated, ...account } = accountOf(journal, ordered, await readGaps(world));
  const errors = new Map(
    ordered.flatMap(({ mark }, i) => {
      const intent = journal.intents.get(mark);
      return intent === undefined ? [] : [[mark, Math.abs((times[i] as number) - intent.wallMs)] as const];
    }),
  );
  const held = heldBack(ordered, MOST_OFF_MS);
  const sorted = [...errors.values()].sort((a, b) => a - b);
  const doubled = repeated.map((mark) => `observation ${mark}`);
  const wrong: string[] = [];
  const counts = { onTimeline: 0, events: 0, collapsed: 0 };
  const devices = await world.api.devices();
  if (devices.length !== DEVICES) wrong.push(`${devices.length} devices`);
  const events = await world.api.events();
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
    const told = standingChanges(events, one.id);
    counts.collapsed += looks.filter((look, i) => look.open !== looks[i - 1]?.open).length - expected.length;
    counts.onTimeline += shown.length;
    counts.events += told.length;
    for (const compared of [compareTimelines(expected, shown), compareEvents(shown, told)]) {
      doubled.push(...compared.doubled.map((t) => `${address} ${t}`));
      wrong.push(...compared.wrong.map((t) => `${address} ${t}`));
    }
  }
  for (const [id, same] of Map.groupBy(events, (event) => event.id))
    if (same.length > 1) doubled.push(`event ${id}, ${same[0]?.data.change ?? ""}`);
  return {
    produced: journal.kept.size,
    stored: stored.size,
    ...counts,
    contested: contested.size,
    ...account,
    timeErrorMs: { median: sorted[sorted.length >> 1] ?? 0, most: sorted.at(-1) ?? 0 },
    disordered: outOfOrder(ordered, contested),
    mistimed: [...errors].filter(([mark, ms]) => ms > (held.has(mark) ? MOST_HELD_BACK_MS : MOST_OFF_MS)).map(([mark]) => mark),
    doubled,
    wrong,
    correctedSweeps: await readCorrectedSweeps(world),
  };
}

/** A status other than fail is the refusing stream: clause parts that nothing looks at keep it from "pass". */
const isOpen = (status: string | null | undefined) => status === "fail";

/** In the order in which it is told. */
async function timelineOf(api: RestApi, device: string): Promise<Change[]> {
  const changes: Change[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Timeline = await api.get(
      `/devices/${device}/timeline?clause=${CLAUSE}&limit=500${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    for (const { from, status } of page.items) changes.push({ from: Date.parse(from), open: isOpen(status) });
    cursor = page.nextCursor;
  }
  return changes;
}

/** What people were told of the clause on the device and what was not taken back since, by time at the site. */
function standingChanges(events: readonly RecordedEvent[], device: string): Change[] {
  const revised = new Set(events.flatMap(({ data }) => data.revises ?? []));
  return events
    .filter(({ id, data }) => data.device === device && data.clause === CLAUSE && data.change === "verdict-changed" && !revised.has(id))
    .map(({ time, data }) => ({ from: Date.parse(time), open: isOpen(data.to) }))
    .toSorted((a, b) => a.from - b.from);
}
