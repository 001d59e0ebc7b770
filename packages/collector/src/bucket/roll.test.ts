import { pino } from "pino";
import { describe, expect, it, vi } from "vitest";
import { Roll } from "./roll.ts";

const SOON = { interval: 1, timeout: 5_000 };

/** A roll whose other members the test decides. */
function rollOf(others: { members: string[]; fails?: boolean }) {
  let changes = 0;
  let beats = 0;
  const left: string[] = [];
  const roll: Roll = new Roll({
    buckets: 8,
    logger: pino({ level: "silent" }),
    beatMs: 5,
    alive: async (member) => {
      beats += 1;
      if (others.fails === true) throw new Error("no broker");
      return [member, ...others.members].sort();
    },
    leave: async (member) => {
      left.push(member);
    },
    onChange: () => {
      changes += 1;
    },
  });
  const held = () => Array.from({ length: 8 }, (_, b) => b).filter((b) => roll.holds(b)).length;
  /** The word after the next one comes when what the next one told is taken in. */
  const another = async () => {
    const from = beats;
    await vi.waitFor(() => expect(beats).toBeGreaterThan(from + 1), SOON);
  };
  return { roll, held, another, changes: () => changes, left };
}

describe("the roll", () => {
  it("gives everything to a collector that is alone, at once", async () => {
    const { roll, held, changes, left } = rollOf({ members: [] });
    await roll.start();
    expect([held(), changes()]).toEqual([8, 1]);
    await roll.stop();
    expect(left).toEqual([roll.member]);
  });

  it("takes the share of others one beat later, and all of it when they are gone", async () => {
    const others = { members: ["other"] };
    const { roll, held } = rollOf(others);
    await roll.start();
    expect(held()).toBe(0);
    await vi.waitFor(() => expect(held()).toBe(4), SOON);
    others.members = [];
    await vi.waitFor(() => expect(held()).toBe(8), SOON);
    await roll.stop();
  });

  it("keeps what it holds while the broker is silent", async () => {
    const others = { members: [], fails: false };
    const { roll, held, another } = rollOf(others);
    await roll.start();
    expect(roll.isHeard).toBe(true);
    others.fails = true;
    await another();
    expect(held()).toBe(8);
    expect(roll.isHeard).toBe(false);
    others.fails = false;
    await another();
    expect(roll.isHeard).toBe(true);
    await roll.stop();
  });
});
