import { describe, expect, it } from "vitest";
import { Turn } from "./turn.ts";

/** ms that it took. */
async function timed(act: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

describe("turn", () => {
  it("rests as long as the others' share is owed, while they are behind", async () => {
    const turn = new Turn({ isBehind: () => true, share: 1 / 4 });
    expect(await timed(() => turn.taken(50))).toBeGreaterThanOrEqual(149);
  });

  it("counts what several took together", async () => {
    const turn = new Turn({ isBehind: () => true, share: 1 / 2 });
    const rested = await Promise.all([timed(() => turn.taken(60)), timed(() => turn.taken(60)), timed(() => turn.taken(60))]);
    expect(rested.at(-1)).toBeGreaterThanOrEqual(179);
  });

  it("does not rest where nobody is behind, nor longer than they are", async () => {
    let behind = false;
    const turn = new Turn({ isBehind: () => behind, share: 1 / 4 });
    const hour = 3_600_000;
    await turn.taken(hour);
    behind = true;
    setTimeout(() => {
      behind = false;
    }, 30);
    await turn.taken(hour);
  });

  it("rests for two seconds at most, so that nothing waits for ever", async () => {
    const turn = new Turn({ isBehind: () => true });
    await turn.taken(3_600_000);
  });
});
