import { pino } from "pino";
import { expect, test } from "vitest";
import { sayAlive } from "./alive.ts";
import type { Cadence } from "./observe.ts";
import { type Standing, stand } from "./policy.ts";
import { createFakeClock } from "./testing/fake-clock.ts";

const usual = stand({ scope: ["192.0.2.0/24"], exclude: [], tier: "polite" });

test("it says at once that it runs, then at the interval of the policy that holds, and states that interval", async () => {
  const clock = createFakeClock();
  const ends = new AbortController();
  const said: [number, number][] = [];
  let standing: Standing = usual;
  const report = (_: unknown, { intervalMs, confirmMs }: Cadence) => {
    expect(confirmMs).toBe(intervalMs);
    said.push([clock.monotonic(), intervalMs]);
  };
  const parts = { clock, random: () => 0.5, standing: () => standing, report, logger: pino({ level: "silent" }) };
  const saying = sayAlive(parts, ends.signal);
  await clock.advance(300_000);
  standing = { ...usual, intervals: new Map([["alive", 60_000]]) };
  await clock.advance(300_000);
  await clock.advance(60_000);
  expect(said).toEqual([
    [0, 300_000],
    [300_000, 300_000],
    [600_000, 60_000],
    [660_000, 60_000],
  ]);
  ends.abort();
  await saying;
});

test("an outbox that cannot take it for once ends nothing", async () => {
  const clock = createFakeClock();
  const ends = new AbortController();
  let said = 0;
  const report = () => {
    if (said++ === 0) throw new Error("disk I/O error");
  };
  const saying = sayAlive({ clock, random: () => 0.5, standing: () => usual, report, logger: pino({ level: "silent" }) }, ends.signal);
  await clock.advance(300_000);
  expect(said).toBe(2);
  ends.abort();
  await saying;
});
