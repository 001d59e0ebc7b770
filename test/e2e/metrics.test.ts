/** What a whole installation tells at /metrics: every metric of the page has a figure, and the figures fit what happens. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningUp, removeFolder, startUp, waitFor } from "../kit/index.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
/** Of what has not happened in an installation that is well: no series. */
const NOT_WELL = new Set([
  "vedette_observations_refused_total",
  "vedette_insert_failures_total",
  "vedette_quarantined",
  "vedette_observations_given_up",
]);

let up: RunningUp;

beforeAll(async () => {
  up = await startUp({ driftDelay: 3_600 });
});
afterAll(async () => {
  await up?.stop();
  if (up !== undefined) await removeFolder(up.data);
});

/** Series → figure. */
async function scrape(): Promise<Map<string, number>> {
  const lines = (await up.api.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

it("has a figure for every metric that the page tells of", async () => {
  const rows = PAGE.split("\n").filter((line) => line.startsWith("| `vedette_"));
  const names = rows.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`(vedette_[a-z_]+)/g)].map((m) => m[1] ?? ""));
  expect(names.length).toBeGreaterThan(25);
  const missing = async () => {
    const series = [...(await scrape()).keys()];
    const told = (name: string) => series.some((s) => s === name || s.startsWith(`${name}{`) || s.startsWith(`${name}_count`));
    return names.filter((name) => !told(name) && !NOT_WELL.has(name));
  };
  let lacking = names;
  const isWhole = async () => {
    lacking = await missing();
    return lacking.length === 0;
  };
  await waitFor("every figure is there", isWhole, 60_000, 1_000).catch(() => undefined);
  expect(lacking).toEqual([]);
});

it("tells of a site that is derived soon after it is stored, and of an agent that keeps up", async () => {
  const figure = (series: ReadonlyMap<string, number>, name: string) =>
    [...series].flatMap(([key, n]) => (key.startsWith(`${name}{`) || key === name ? [n] : []));
  const lag = async () => {
    const series = await scrape();
    const [stored, derived] = ["stored", "derived"].map((what) => Math.max(...figure(series, `vedette_bucket_${what}_timestamp_seconds`)));
    return (stored ?? Number.POSITIVE_INFINITY) - (derived ?? 0);
  };
  const stored = async () => figure(await scrape(), "vedette_observations_stored_total")[0] ?? 0;
  await waitFor("more is stored, and derived", async () => (await stored()) > 100 && (await lag()) < 10, 120_000, 1_000);
  const series = await scrape();
  expect(figure(series, "vedette_agent_online")).toEqual([1]);
  expect(Math.abs(figure(series, "vedette_agent_clock_offset_seconds")[0] ?? Number.NaN)).toBeLessThan(1);
  expect(figure(series, "vedette_agent_oldest_unreceipted_seconds")[0]).toBeLessThan(30);
  expect(figure(series, "vedette_sweep_corrections_total")).toEqual([0]);
  expect(await up.api.ready()).toBe(true);
});
