/** Any order and batching of one input gives the same timeline, but for ids, recordedAt and cause. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256, siteInput, T0 } from "../../test/derive/recorder.ts";
import { CAMERAS, type Scene, sceneOf } from "../../test/derive/scene.ts";
import { canonical } from "./canonical.ts";
import { difference } from "./difference.ts";
import { group } from "./group.ts";
import { observationId, observedTimes, placeInTime } from "./history.ts";
import { isEmpty } from "./row.ts";
import { deriveSite } from "./site.ts";
import { applyRows, knownOf, NOTHING_STORED, type StoredPresent } from "./stored.ts";
import type { StoredObservation } from "./types.ts";

const END = T0 + 400_000;

const scene: fc.Arbitrary<Scene> = fc.record({
  looks: fc.array(
    fc.record({
      camera: fc.nat(CAMERAS.length - 1),
      what: fc.constantFrom("watch", "watch", "move", "miss", "telnet", "old-tls", "certificate", "byebye", "return", "clone", "snmp"),
      gapMs: fc.constantFrom(1000, 5000, 20_000, 120_000),
    }),
    { minLength: 2, maxLength: 10 },
  ),
  agents: fc.constantFrom(1, 2),
  delayMs: fc.array(fc.constantFrom(0, 50, 5000, 60_000), { minLength: 1, maxLength: 5 }),
});

/** Batches of the observations in any order; some come twice. */
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
        batches.push(order.slice(Math.max(0, i - 1), i + size));
        i += size;
      }
      return batches;
    });

function run(batches: readonly (readonly StoredObservation[])[]): StoredPresent {
  let stored = NOTHING_STORED;
  const all: StoredObservation[] = [];
  const byId = new Map<string, StoredObservation>();
  const derive = () => deriveSite(siteInput(all, { known: knownOf(stored) }), END, { hash: sha256 });
  const cx = { tenant: "t", site: "s", at: END, hash: sha256, observation: (id: string) => byId.get(id) };
  batches.forEach((batch, i) => {
    all.push(...batch);
    for (const o of batch) byId.set(observationId(o), o);
    stored = applyRows(stored, difference(stored, derive(), cx), END + i);
  });
  expect(isEmpty(difference(stored, derive(), cx))).toBe(true);
  return stored;
}

/** What must be the same: devices but for their ids, their beliefs but for cause, the current state. */
function timeline(stored: StoredPresent): string[] {
  const names = new Map<string, string>();
  for (const [id, device] of stored.devices) {
    if (device.gone) continue;
    const { id: _id, founding: _founding, aliases: _aliases, replaces, ...rest } = JSON.parse(device.body) as Record<string, unknown>;
    names.set(id, canonical({ ...rest, replaces: replaces !== null }));
  }
  const beliefs = [...stored.beliefs.values()].map(({ device, cause: _cause, ...row }) => canonical({ ...row, device: names.get(device) }));
  const states = [...stored.states.values()].map(({ device, ...row }) => canonical({ ...row, device: names.get(device) }));
  return [...names.values(), ...beliefs, ...states].sort();
}

test("the timeline is the same in whatever order and batches its input arrives", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      scene.map(sceneOf).chain((observations) => fc.tuple(fc.constant(observations), dealt(observations))),
      ([observations, batches]) => {
        expect(timeline(run(batches))).toEqual(timeline(run([observations])));
      },
    ),
    { numRuns: 200 },
  );
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
