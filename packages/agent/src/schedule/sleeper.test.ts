import { expect, test } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createSleeper } from "./sleeper.ts";

test("a later sleep ends with an earlier one that stands, an earlier one takes its place, and the signal ends any", async () => {
  const clock = createFakeClock();
  const sleeper = createSleeper(clock);
  const ends = new AbortController();
  const woken: [string, number][] = [];
  const sleep = (name: string, ms: number) => void sleeper.sleep(ms, ends.signal).then(() => woken.push([name, clock.monotonic()]));
  sleep("first", 100);
  sleep("longer", 500);
  await clock.advance(100);
  expect(woken).toEqual([
    ["first", 100],
    ["longer", 100],
  ]);
  sleep("long", 1_000);
  sleep("short", 50);
  await clock.advance(50);
  expect(woken.slice(2)).toContainEqual(["short", 150]);
  sleep("until the end", 1_000);
  ends.abort();
  await clock.advance(0);
  expect(woken.at(-1)).toEqual(["until the end", 150]);
});
