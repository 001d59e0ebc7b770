/** Deriving step by step, with observations put out of memory between, gives what a computation over everything gives. */
import { RULES_VERSION } from "@vedette/standard";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_DECISIONS, siteInput, T0 } from "../../test/derive/recorder.ts";
import { CAMERAS, HAPPENINGS, type Happening, type Scene, sceneOf } from "../../test/derive/scene.ts";
import { canonical } from "../derive/canonical.ts";
import {
  applyRows,
  type Decisions,
  deriveSite,
  difference,
  isEmpty,
  knownOf,
  NOTHING_STORED,
  observationId,
  type Rows,
  type SitePresent,
  type StoredObservation,
  type StoredPresent,
} from "../derive/index.ts";
import { beliefKey } from "../derive/stored.ts";
import { SiteWork, type Step, sha256 } from "./site-work.ts";

const RUNS = 1_000;
/** What these histories must have come across, or they show less than they claim. */
const TOLD = [
  ...["device-appeared", "device-vanished", "device-returned", "device-moved", "device-replaced", "device-merged", "device-split"],
  ...["service-opened", "service-closed", "certificate-changed", "community-default", "verdict-changed", "evidence-expired", "withdrawn"],
  ...["agent-silent", "agent-returned", "agent-gap", "agent-cloned"],
];
/** Mostly what can be gone on from: agents with two writers never can. */
const WHAT: readonly Happening[] = [...HAPPENINGS, ...Array<Happening>(10).fill("watch"), "miss", "gap", "radio"];

const look = fc.record({
  camera: fc.nat(CAMERAS.length - 1),
  what: fc.constantFrom(...WHAT),
  gapMs: fc.constantFrom(1000, 5000, 20_000, 20_000, 40_000, 120_000),
});
const quiet = fc.record({
  camera: fc.constant(0),
  what: fc.constantFrom<Happening[]>("watch", "watch", "miss", "alive", "certificate"),
  gapMs: fc.constantFrom(1000, 20_000, 40_000),
});
/** What chance alone brings together too rarely: a camera that goes and comes again, and a service that does. */
const RARE: readonly (readonly Happening[])[] = [
  ["watch", "miss", "miss", "miss", "watch"],
  ["watch", "telnet", "telnet-closes", "watch"],
];
const rare = fc
  .record({ happenings: fc.constantFrom(...RARE), gapMs: fc.constantFrom(20_000, 40_000) })
  .map(({ happenings, gapMs }) => happenings.map((what) => ({ camera: 0, what, gapMs })));

const scene: fc.Arbitrary<Scene> = fc.record({
  looks: fc
    .tuple(
      fc.array(look, { minLength: 1, maxLength: 6 }),
      fc.oneof({ weight: 8, arbitrary: fc.array(quiet, { minLength: 0, maxLength: 5 }) }, { weight: 2, arbitrary: rare }),
      fc.array(look, { maxLength: 2 }),
    )
    .map((parts) => parts.flat()),
  agents: fc.constantFrom(1, 1, 2),
  copied: fc.constantFrom(...Array<boolean>(7).fill(false), true),
  delayMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant([50]) },
    { weight: 2, arbitrary: fc.array(fc.constantFrom(0, 50, 5000, 60_000), { minLength: 1, maxLength: 5 }) },
  ),
});

interface Turn {
  readonly size: number;
  readonly release: boolean;
  /** Begins anew from what is stored, as whoever takes the bucket over and as a site does that had left memory. */
  readonly reopen: boolean;
  /** Adds what was added before once more, stored again. */
  readonly repeat: boolean;
  readonly waitMs: number;
  readonly decide: string;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  size: fc.integer({ min: 1, max: 10 }),
  release: fc.constantFrom(false, false, false, true),
  reopen: fc.constantFrom(...Array<boolean>(7).fill(false), true),
  repeat: fc.constantFrom(false, false, false, false, false, true),
  waitMs: fc.constantFrom(0, 0, 10, 30_000, 200_000),
  decide: fc.constantFrom(...Array<string>(12).fill(""), "profile", "member", "name", "attest", "join", "split", "later"),
});

/** @param devices ids that stand now */
function decided(before: Decisions, what: string, devices: readonly string[], at: number): Decisions {
  const [a = "", b = ""] = devices;
  const by = { author: "an", reason: "so", from: at };
  switch (what) {
    case "profile":
      return {
        ...before,
        profiles: [...before.profiles, { id: `p${at}`, match: { vendor: "AXIS" }, services: ["443/tcp"], from: at + 15_000 }],
      };
    case "member":
      return { ...before, memberships: [...before.memberships, { device: a, membership: "out", ...by }] };
    case "later":
      return { ...before, memberships: [...before.memberships, { device: b, membership: "environment", ...by, from: at + 20_000 }] };
    case "name":
      return { ...before, names: [...before.names, { device: a, name: `camera ${at}` }] };
    case "attest": {
      const claim = {
        id: `t${at}`,
        clauses: ["5.1.1.1"],
        target: { device: a },
        result: "pass" as const,
        author: "an",
        documentHash: "00",
      };
      return {
        ...before,
        attestations: [...before.attestations, { ...claim, validFrom: at - 5000, expires: at + 60_000, recordedAt: at }],
      };
    }
    case "join":
    case "split":
      return a === "" || b === "" ? before : { ...before, overrules: [...before.overrules, { kind: what, a, b, ...by }] };
    default:
      return before;
  }
}

function sorted(rows: Rows): Record<string, string[]> {
  return Object.fromEntries(Object.entries(rows).map(([table, list]) => [table, list.map(canonical).sort()]));
}

/** A whole present without the past that a work no longer tells of: of each clause the latest belief must be there. */
function stillTold(whole: SitePresent, own: SitePresent | null): SitePresent {
  const kept = new Set(own?.beliefs.map(beliefKey));
  const latest = new Map(whole.beliefs.map((b) => [`${b.device}|${b.clause}`, beliefKey(b)]));
  const known = new Set(own?.occurrences.map(({ key }) => key));
  return {
    ...whole,
    beliefs: whole.beliefs.filter((b) => kept.has(beliefKey(b)) || latest.get(`${b.device}|${b.clause}`) === beliefKey(b)),
    occurrences: whole.occurrences.filter(({ device, key }) => known.has(key) || device === ""),
  };
}

const counted = { histories: 0, whole: 0, further: 0, restored: 0, reopened: 0 };
/** In how many histories each kind of change was told. */
const told = new Map<string, number>();

async function* streamed(list: readonly StoredObservation[]): AsyncGenerator<StoredObservation> {
  yield* list;
}

/** As a holder does it: what was put out of memory and is needed is read again. */
async function stepOf(
  work: SiteWork,
  decisions: Decisions,
  at: number,
  stored: StoredPresent,
  all: readonly StoredObservation[],
): Promise<Step> {
  const step = work.derive(decisions, at);
  if (step !== null) return step;
  counted.restored++;
  await work.restore(stored, streamed(all));
  return work.derive(decisions, at) as Step;
}

async function play(observations: readonly StoredObservation[], turns: readonly Turn[]): Promise<void> {
  const ordered = observations.toSorted((a, b) => a.storedAt - b.storedAt);
  let work = new SiteWork("t", "s", NOTHING_STORED);
  const all: StoredObservation[] = [];
  const byId = new Map<string, StoredObservation>();
  /** What a store would hold, which forgets nothing. */
  let stored = NOTHING_STORED;
  let decisions = NO_DECISIONS;
  let at = T0;
  /** What a computation over everything gives, and how that differs from what is stored. */
  const whole = () => {
    const present = deriveSite(siteInput(all, { decisions, known: knownOf(stored), rules: RULES_VERSION }), at, { hash: sha256 });
    return { present, rows: difference(stored, present, { tenant: "t", site: "s", at, hash: sha256, observation: (id) => byId.get(id) }) };
  };
  for (let i = 0, n = 0; n < 200 && (i < ordered.length || n < turns.length); n++) {
    const { size, release, reopen, repeat, waitMs, decide } = turns[n % turns.length] as Turn;
    const again = repeat ? ordered.slice(Math.max(0, i - 2), i).map((o) => ({ ...o, storedAt: Math.max(at, o.storedAt) })) : [];
    const batch = [...again, ...ordered.slice(i, i + size)];
    i += size;
    for (const o of batch) work.add(o);
    all.push(...batch);
    for (const o of batch) {
      const twin = byId.get(observationId(o));
      // Stored again, it is what was stored first.
      if (twin === undefined || o.contentHash < twin.contentHash) byId.set(observationId(o), o);
    }
    at = Math.max(at, ...batch.map((o) => o.storedAt)) + 1 + (n >= turns.length ? 0 : waitMs);
    decisions = decided(decisions, n < turns.length ? decide : "", [...stored.devices.keys()], at);

    const { present, rows } = whole();
    const step = await stepOf(work, decisions, at, stored, all);
    // As texts first: comparing those is much the faster.
    const own = stillTold(present, work.present);
    if (canonical(work.present) !== canonical(own)) expect(work.present).toEqual(own);
    expect(canonical(sorted(step.rows))).toBe(canonical(sorted(rows)));
    expect(step.nextChangeAt).toBe(present.nextChangeAt);
    work.applied(step, at + 1);
    stored = applyRows(stored, step.rows, at + 1);
    at++;
    if (release) work.release(0);
    if (reopen) work = reopened(work, stored, all);
  }
  // Once what is due is derived, a sweep finds nothing.
  const last = await stepOf(work, decisions, at, stored, all);
  stored = applyRows(stored, last.rows, at + 1);
  expect(isEmpty(whole().rows)).toBe(true);
  count(work);
  counted.histories++;
  for (const change of new Set([...stored.events.values()].map((e) => e.change))) told.set(change, (told.get(change) ?? 0) + 1);
}

function count({ steps }: SiteWork): void {
  counted.whole += steps.whole;
  counted.further += steps.further;
}

function reopened(work: SiteWork, stored: StoredPresent, all: readonly StoredObservation[]): SiteWork {
  count(work);
  counted.reopened++;
  const fresh = new SiteWork("t", "s", stored);
  for (const o of all) fresh.add(o);
  return fresh;
}

test("steps that go on from the one before give what a computation over everything gives", { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(scene.map(sceneOf), fc.array(turn, { minLength: 3, maxLength: 8 }), play), { numRuns: RUNS });
  process.stderr.write(`${JSON.stringify(counted)} over ${JSON.stringify(Object.fromEntries([...told].sort()))}\n`);
  expect(counted.histories).toBeGreaterThanOrEqual(RUNS);
  expect(counted.further).toBeGreaterThan(RUNS);
  expect(counted.restored).toBeGreaterThan(0);
  expect(counted.reopened).toBeGreaterThan(0);
  expect(TOLD.filter((change) => !told.has(change))).toEqual([]);
});
