/** Thirty faults at random (docs/chaos.md): produced = stored = on the timeline. `pnpm test:chaos` strikes more. */
import { expect, it } from "vitest";
import { chaos } from "../chaos/run.ts";
import { note } from "../kit/index.ts";

/** One that stays, with fourteen kinds of faults, so that a change of ours shows, and one that nobody has tried. */
const FIXED = 83;
const FRESH = Number(process.env["VEDETTE_SEED"] ?? (Date.now() % 1_000_000) + 1);
const FAULTS = 15;
const LIMIT_MS = 240_000;

for (const seed of [FIXED, FRESH]) {
  it(`survives ${FAULTS} faults (pnpm test:chaos --seed ${seed} --rounds ${FAULTS})`, { timeout: LIMIT_MS }, async () => {
    const report = await chaos({ seed, rounds: FAULTS, say: note });
    note(JSON.stringify(report));
    expect(report).toMatchObject({
      lost: [],
      untold: 0,
      invented: [],
      miscounted: [],
      disordered: [],
      mistimed: [],
      doubled: [],
      wrong: [],
    });
    expect(report).toMatchObject({ changedAnswers: [], corrections: 0, correctedSweeps: 0 });
    expect(report.holds).toBe(true);
  });
}
