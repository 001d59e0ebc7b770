/** Any order, repetition and batching of one input gives the same timeline, but for ids, recordedAt and cause; answers with their knownAt stay. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_DECISIONS, sha256, siteInput, T0 } from "../../test/derive/recorder.ts";
import { CAMERAS, HAPPENINGS, type Happening, type Scene, sceneOf } from "../../test/derive/scene.ts";
import { asKnown, type RecordedBelief } from "./bitemporal.ts";
import { canonical } from "./canonical.ts";
import { changesOf } from "./change.ts";
import { toColumnTime } from "./column-time.ts";
import { difference } from "./difference.ts";
import { standing, topicOf } from "./event.ts";
import { group } from "./group.ts";
import { observationId, observedTimes, placeInTime } from "./history.ts";
import { isEmpty } from "./row.ts";
import { deriveSite } from "./site.ts";
import { applyRows, knownOf, NOTHING_STORED, type StoredPresent } from "./stored.ts";
import type { Decisions, SitePresent, StoredObservation } from "./types.ts";

const RUNS = 1_000;
/** What these histories must have come across, or they show less than they claim. */
const TOLD = [
  ...["device-appeared", "device-moved", "device-replaced", "device-merged", "service-opened", "certificate-changed", "community-default"],
  ...["verdict-changed", "evidence-expired", "withdrawn", "agent-silent", "agent-gap", "agent-cloned"],
];
/** After every look of every scene and its delay. */
const END = T0 + 2_000_000;

const look = fc.record({
  camera: fc.nat(CAMERAS.length - 1),
  what: fc.constantFrom<Happening[]>(...HAPPENINGS, "watch", "watch"),
  gapMs: fc.constantFrom(1000, 5000, 20_000, 120_000),
});
/** What chance alone brings together too rarely: two certificates of one endpoint, a camera that moves and stays. */
const rare = fc
  .constantFrom<Happening[][]>(["watch", "certificate", "certificate"], ["watch", "move", "watch", "watch"])
  .map((happenings) => happenings.map((what) => ({ camera: 0, what, gapMs: 20_000 })));

const scene: fc.Arbitrary<Scene> = fc.record({
  looks: fc.oneof(
    { weight: 9, arbitrary: fc.array(look, { minLength: 2, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.tuple(rare, fc.array(look, { maxLength: 4 })).map((parts) => parts.flat()) },
  ),
  agents: fc.constantFrom(1, 2),
  copied: fc.constantFrom(false, false, false, true),
  delayMs: fc.array(fc.constantFrom(0, 50, 5000, 60_000), { minLength: 1, maxLength: 5 }),
});

/** Sent again, for its receipt was lost, and stored once more. */
const AGAIN_MS = 90_000;

/** Batches of the observations in any order; some come twice, the second time stored later. */
const dealt = (observations: readonly StoredObservation[]): fc.Arbitrary<readonly (readonly StoredObservation[])[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...observations], { minLength: observations.length, maxLength: observations.length }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
    )
    .map(([order, sizes]) => {
      const batches: StoredObservation[][] = [];
      for (let i = 0, n = 0; i < order.length; n++) {
        const size = n < sizes.length ? (sizes[n] as number) : order.length;
        const again = order.slice(Math.max(0, i - 1), i).map((o) => ({ ...o, storedAt: o.storedAt + AGAIN_MS }));
        batches.push([...again, ...order.slice(i, i + size)]);
        i += size;
      }
      return batches;
    });

/** What people decided: about every camera of a make, each from a time of its own. */
const decided: fc.Arbitrary<Decisions> = fc
  .record({ profile: fc.option(fc.nat(300_000)), attestation: fc.option(fc.nat(300_000)), expires: fc.integer({ min: 1, max: 600_000 }) })
  .map(({ profile, attestation, expires }) => {
    const by = { author: "an auditor", documentHash: "00", recordedAt: T0 };
    const target = { vendor: "AXIS", model: "M1014" };
    const claim = (at: number) => ({
      id: "t",
      clauses: ["5.1.1.1"],
      target,
      result: "pass" as const,
      ...by,
      validFrom: T0 + at,
      expires: T0 + at + expires,
    });
    return {
      ...NO_DECISIONS,
      profiles: profile === null ? [] : [{ id: "p", match: { vendor: "AXIS" }, services: ["443/tcp"], from: T0 + profile }],
      attestations: attestation === null ? [] : [claim(attestation)],
    };
  });

interface Course {
  readonly batches: readonly (readonly StoredObservation[])[];
  readonly decisions: Decisions;
  /** The batch with which the decisions come to be known; by the end they are. */
  readonly decidedWith: number;
  /** Time of deriving after each batch, END at last; absent: always END. */
  readonly now?: (batch: readonly StoredObservation[]) => number;
}

const counted = { histories: 0, answers: 0 };
/** In how many histories each kind of change was told, over all ways to deal them. */
const told = new Map<string, number>();

/** As the holder of the bucket does it, batch by batch. */
function run({ batches, decisions, decidedWith, now = () => END }: Course): StoredPresent {
  let stored = NOTHING_STORED;
  let recordedAt = T0;
  const all: StoredObservation[] = [];
  const byId = new Map<string, StoredObservation>();
  const recorded: RecordedBelief[] = [];
  const answers: { readonly knownAt: number; readonly text: string }[] = [];
  const step = (at: number, by: Decisions): SitePresent => {
    const present = deriveSite(siteInput(all, { known: knownOf(stored), decisions: by }), at, { hash: sha256 });
    const rows = difference(stored, present, { ...cx, at });
    stored = applyRows(stored, rows, ++recordedAt);
    for (const row of rows.belief) recorded.push({ ...row, recorded_at: toColumnTime(recordedAt), seq: recordedAt - T0 });
    answers.push({ knownAt: recordedAt, text: canonical(asKnown(recorded, recordedAt)) });
    return present;
  };
  const cx = { tenant: "t", site: "s", at: END, hash: sha256, observation: (id: string) => byId.get(id) };
  for (const [i, batch] of batches.entries()) {
    all.push(...batch);
    for (const o of batch) byId.set(observationId(o), o);
    step(now(batch), i < decidedWith ? NO_DECISIONS : decisions);
  }
  const present = step(END, decisions);
  expect(isEmpty(difference(stored, present, cx))).toBe(true);
  // What was answered with a knownAt is answered again after every later revision, byte for byte.
  for (const { knownAt, text } of answers) expect(canonical(asKnown(recorded, knownAt)) === text).toBe(true);
  expect(toldNow(stored)).toEqual(changesOf(present).map(signature).sort());
  counted.answers += answers.length;
  for (const change of new Set([...stored.events.values()].map((e) => e.change))) told.set(change, (told.get(change) ?? 0) + 1);
  return stored;
}

/** In the order of storage, a few at a time: as it would have come in live. */
function live(observations: readonly StoredObservation[]): StoredObservation[][] {
  const ordered = observations.toSorted((a, b) => a.storedAt - b.storedAt);
  return Array.from({ length: Math.ceil(ordered.length / 9) }, (_, i) => ordered.slice(i * 9, i * 9 + 9));
}

function signature(t: { device: string; topic: string; at: number; from: string | null; to: string | null }): string {
  return canonical([t.device, t.topic, t.at, t.from, t.to]);
}

/** The events that stand: each change once, however often it was revised on the way. */
function toldNow(stored: StoredPresent): string[] {
  const bearer = (id: string): string => stored.devices.get(id)?.aliasOf || id;
  return standing(stored)
    .map((e) => signature({ ...e, device: bearer(e.device), topic: topicOf(e) }))
    .sort();
}

/** What must be the same: devices but for their ids, their beliefs but for cause, the current state. */
function timeline(stored: StoredPresent): string[] {
  const names = new Map<string, string>();
  for (const [id, device] of stored.devices) {
    if (device.gone) continue;
    const { id: _id, founding: _founding, aliases: _aliases, replaces, ...rest } = JSON.parse(device.body) as Record<string, unknown>;
    names.set(id, canonical({ ...rest, replaces: replaces !== null }));
  }
  const short = (device: string): string => sha256(names.get(device) ?? "").slice(0, 8);
  const beliefs = [...stored.beliefs.values()].map(({ device, cause: _cause, ...row }) => canonical({ ...row, device: short(device) }));
  const states = [...stored.states.values()].map(({ device, ...row }) => canonical({ ...row, device: short(device) }));
  return [...names.values(), ...beliefs, ...states].sort();
}

test("the timeline is the same in whatever order and batches its input arrives, and whenever what was decided becomes known", {
  timeout: 600_000,
}, () => {
  const course = scene
    .map(sceneOf)
    .chain((observations) => fc.tuple(fc.constant(observations), dealt(observations), decided, fc.nat(6), fc.nat(6)));
  fc.assert(
    fc.property(course, ([observations, batches, decisions, decidedWith, livingWith]) => {
      counted.histories++;
      const once = timeline(run({ batches: [observations], decisions, decidedWith: 0 }));
      expect(timeline(run({ batches, decisions, decidedWith }))).toEqual(once);
      const now = (batch: readonly StoredObservation[]) => Math.max(...batch.map((o) => o.storedAt)) + 10;
      expect(timeline(run({ batches: live(observations), decisions, decidedWith: livingWith, now }))).toEqual(once);
    }),
    { numRuns: RUNS },
  );
  process.stderr.write(`${JSON.stringify(counted)} over ${JSON.stringify(Object.fromEntries([...told].sort()))}\n`);
  expect(counted.histories).toBeGreaterThanOrEqual(RUNS);
  expect(TOLD.filter((change) => !told.has(change))).toEqual([]);
});

test("grouping does not depend on the order of what it is given", () => {
  fc.assert(
    fc.property(
      scene
        .map(sceneOf)
        .chain((observations) =>
          fc.tuple(
            fc.constant(observations),
            fc.shuffledSubarray([...observations], { minLength: observations.length, maxLength: observations.length }),
          ),
        ),
      ([observations, shuffled]) => {
        const grouped = (list: readonly StoredObservation[]) =>
          group({ seen: placeInTime(list, END).seen, known: new Map(), overrules: [], at: END, settleMs: 3000, hash: sha256 }).groups.map(
            (g) => ({ id: g.id, sightings: g.sightings.map((s) => s.key), joins: g.joins }),
          );
        expect(grouped(shuffled)).toEqual(grouped(observations));
      },
    ),
    { numRuns: 200 },
  );
});

test("observed times never fall, and never pass the storage of themselves or of what follows", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ wallAt: fc.integer({ min: 0, max: 1000 }), storedAt: fc.integer({ min: 0, max: 1000 }) })), (list) => {
      const times = observedTimes(list);
      times.forEach((t, i) => {
        expect(t).toBeGreaterThanOrEqual(times[i - 1] ?? Number.NEGATIVE_INFINITY);
        for (const later of list.slice(i)) expect(t).toBeLessThanOrEqual(later.storedAt);
      });
    }),
    { numRuns: 1000 },
  );
});
