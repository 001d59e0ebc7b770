/** Deriving step by step, with observations put out of memory between, gives what a computation over everything gives. */
import { RULES_VERSION } from "@vedette/standard";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_DECISIONS, siteInput, T0 } from "../../test/derive/recorder.ts";
import { CAMERAS, type Scene, sceneOf } from "../../test/derive/scene.ts";
import { canonical } from "../derive/canonical.ts";
import {
  applyRows,
  type Decisions,
  deriveSite,
  difference,
  knownOf,
  NOTHING_STORED,
  observationId,
  type Rows,
  type SitePresent,
  type StoredObservation,
} from "../derive/index.ts";
import { beliefKey } from "../derive/stored.ts";
import { SiteWork, sha256 } from "./site-work.ts";

const WHAT = [
  "watch",
  "watch",
  "watch",
  "watch",
  "move",
  "miss",
  "telnet",
  "old-tls",
  "certificate",
  "byebye",
  "return",
  "clone",
  "snmp",
  "gap",
];

const look = fc.record({
  camera: fc.nat(CAMERAS.length - 1),
  what: fc.constantFrom(...WHAT),
  gapMs: fc.constantFrom(1000, 5000, 20_000, 20_000, 40_000, 120_000),
});
const quiet = fc.record({
  camera: fc.constant(0),
  what: fc.constantFrom("watch", "watch", "miss"),
  gapMs: fc.constantFrom(1000, 20_000, 40_000),
});

const scene: fc.Arbitrary<Scene> = fc.record({
  looks: fc
    .tuple(
      fc.array(look, { minLength: 1, maxLength: 6 }),
      fc.array(quiet, { minLength: 0, maxLength: 5 }),
      fc.array(look, { maxLength: 2 }),
    )
    .map((parts) => parts.flat()),
  agents: fc.constantFrom(1, 1, 2),
  delayMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant([50]) },
    { weight: 2, arbitrary: fc.array(fc.constantFrom(0, 50, 5000, 60_000), { minLength: 1, maxLength: 5 }) },
  ),
});

interface Turn {
  readonly size: number;
  readonly release: boolean;
  /** Adds what was added before once more, stored again. */
  readonly repeat: boolean;
  readonly waitMs: number;
  readonly decide: string;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  size: fc.integer({ min: 1, max: 10 }),
  release: fc.constantFrom(false, false, false, true),
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
  const told = new Set(own?.occurrences.map(({ key }) => key));
  return {
    ...whole,
    beliefs: whole.beliefs.filter((b) => kept.has(beliefKey(b)) || latest.get(`${b.device}|${b.clause}`) === beliefKey(b)),
    occurrences: whole.occurrences.filter(({ device, key }) => told.has(key) || device === ""),
  };
}

const counted = { whole: 0, further: 0, restored: 0 };

async function* streamed(list: readonly StoredObservation[]): AsyncGenerator<StoredObservation> {
  yield* list;
}

async function play(observations: readonly StoredObservation[], turns: readonly Turn[]): Promise<void> {
  const ordered = observations.toSorted((a, b) => a.storedAt - b.storedAt);
  const work = new SiteWork("t", "s", NOTHING_STORED);
  const all: StoredObservation[] = [];
  const byId = new Map<string, StoredObservation>();
  /** What a store would hold, which forgets nothing. */
  let stored = NOTHING_STORED;
  let decisions = NO_DECISIONS;
  let at = T0;
  for (let i = 0, n = 0; n < 200 && (i < ordered.length || n < turns.length); n++) {
    const { size, release, repeat, waitMs, decide } = turns[n % turns.length] as Turn;
    const again = repeat ? ordered.slice(Math.max(0, i - 2), i).map((o) => ({ ...o, storedAt: Math.max(at, o.storedAt) })) : [];
    const batch = [...again, ...ordered.slice(i, i + size)];
    i += size;
    for (const o of batch) work.add(o);
    all.push(...batch);
    for (const o of batch) if (!byId.has(observationId(o))) byId.set(observationId(o), o);
    at = Math.max(at, ...batch.map((o) => o.storedAt)) + 1 + (n >= turns.length ? 0 : waitMs);
    decisions = decided(decisions, n < turns.length ? decide : "", [...stored.devices.keys()], at);

    const present = deriveSite(siteInput(all, { decisions, known: knownOf(stored), rules: RULES_VERSION }), at, { hash: sha256 });
    const rows = difference(stored, present, { tenant: "t", site: "s", at, hash: sha256, observation: (id) => byId.get(id) });
    let step = work.derive(decisions, at);
    if (step === null) {
      counted.restored++;
      await work.restore(stored, streamed(all));
      step = work.derive(decisions, at);
    }
    // As texts first: comparing those is much the faster.
    const own = stillTold(present, work.present);
    if (canonical(work.present) !== canonical(own)) expect(work.present).toEqual(own);
    expect(canonical(sorted(step?.rows as Rows))).toBe(canonical(sorted(rows)));
    expect(step?.nextChangeAt).toBe(present.nextChangeAt);
    if (step !== null) work.applied(step, at + 1);
    if (step !== null) stored = applyRows(stored, step.rows, at + 1);
    at++;
    if (release) work.release(0);
  }
  counted.whole += work.steps.whole;
  counted.further += work.steps.further;
}

test("steps that go on from the one before give what a computation over everything gives", { timeout: 600_000 }, async () => {
  await fc.assert(fc.asyncProperty(scene.map(sceneOf), fc.array(turn, { minLength: 3, maxLength: 8 }), play), {
    numRuns: 1000,
  });
  expect(counted.further).toBeGreaterThan(1000);
  expect(counted.restored).toBeGreaterThan(0);
});
