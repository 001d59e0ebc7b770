/** What a device sees of the agent's pace: attempts as its interface receives them, conversations as it holds them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takeRound } from "./agent/child.ts";
import type { Conversation } from "./counter/device.ts";
import { startCounter } from "./counter/product.ts";
import { CAPTURE_PROGRAMS, capture, type Frame } from "./frames.ts";
import { areInstalled, isPossible, type LabSite, openSite } from "./site.ts";

const COUNTER = "198.18.0.20";
/** Neither the usual numbers nor each other's multiples, so that each limit is seen to be the one that holds. */
const BUDGET = { sitePerSecond: 67, hostPerSecond: 13, sweepHostPerSecond: 47 };
/** A token that was left over, and one for what a timer of the agent came late. */
const SLACK = 2;

const possible = (await isPossible()) && (await areInstalled([...CAPTURE_PROGRAMS, "openssl"]));

/** The most of them in any second. */
function mostPerSecond(atS: readonly number[]): number {
  const sorted = [...atS].sort((a, b) => a - b);
  return Math.max(
    0,
    ...sorted
      .map((from, i) => sorted.findIndex((to, j) => j > i && to >= from + 1))
      .map((end, i) => (end === -1 ? sorted.length : end) - i),
  );
}

function mostAtOnce(conversations: readonly Conversation[]): number {
  return Math.max(
    0,
    ...conversations.map((one) => conversations.filter((o) => o.beganMs <= one.beganMs && one.beganMs < o.endedMs).length),
  );
}

describe.skipIf(!possible)("a device at the usual looks", () => {
  let site: LabSite;
  let folder: string;
  let attempts: readonly Frame[];
  let conversations: readonly Conversation[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vedette-lab-"));
    site = await openSite([]);
    const host = await site.add("counter", COUNTER);
    const counter = await startCounter(host, folder);
    const arriving = await capture(host, join(folder, "arriving.pcapng"));
    await takeRound(site.agent, { scope: [`${COUNTER}/32`], budget: BUDGET });
    const frames = await arriving.stop();
    attempts = frames.filter(({ opens, linkSource }) => opens && linkSource === site.agent.linkAddress);
    conversations = await counter.account();
  });
  afterAll(async () => {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("is asked at every port of the lists and of every protocol", () => {
    expect(attempts.length).toBeGreaterThan(250);
    expect(new Set(conversations.map(({ port }) => port))).toEqual(new Set([80, 443, 554, 8080]));
    expect(conversations.length).toBeGreaterThan(40);
  });

  test("never sees more attempts in a second than the site's budget", () => {
    // The site's bucket holds a tenth of a second's tokens beside.
    expect(mostPerSecond(attempts.map(({ atS }) => atS))).toBeLessThanOrEqual(BUDGET.sitePerSecond * 1.1 + SLACK);
  });

  test("is spoken to at the host's pace, and by one conversation at a time", () => {
    expect(mostPerSecond(conversations.map(({ beganMs }) => beganMs / 1_000))).toBeLessThanOrEqual(BUDGET.hostPerSecond + SLACK);
    expect(mostAtOnce(conversations)).toBe(1);
  });

  test("is swept faster than it is spoken to, at the sweep's pace", () => {
    const most = mostPerSecond(attempts.map(({ atS }) => atS));
    expect(most).toBeGreaterThan(BUDGET.hostPerSecond + SLACK);
    expect(most).toBeLessThanOrEqual(BUDGET.sweepHostPerSecond + BUDGET.hostPerSecond + 2 * SLACK);
  });
});
