import { createHash } from "node:crypto";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openProbeLog, type ProbeLogEntry } from "./probe-log.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "probe-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (n: number): ProbeLogEntry => ({
  time: new Date(n * 1000).toISOString(),
  event: "ended",
  probe: "http.root",
  target: "198.18.0.7:80",
  connections: n,
});
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const lines = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((l): unknown => JSON.parse(l));

test("one line per entry, appended over restarts; the hash is that of the file", () => {
  const path = join(folder, "probes");
  const one = openProbeLog({ path });
  one.write(entry(1));
  one.close();
  const two = openProbeLog({ path });
  two.write(entry(2));
  expect(lines(path)).toEqual([entry(1), entry(2)]);
  expect(two.hash()).toBe(sha256(readFileSync(path)));
  two.close();
});

test("rotation keeps so many files, each bound to the one before by its hash", () => {
  const path = join(folder, "probes");
  const log = openProbeLog({ path, maxBytes: 300, keep: 2 });
  for (let n = 0; n < 20; n++) log.write(entry(n));
  log.close();
  expect(readdirSync(folder).sort()).toEqual(["probes", "probes.1", "probes.2"]);
  expect(lines(path)[0]).toEqual({ previous: sha256(readFileSync(`${path}.1`)) });
  expect(lines(`${path}.1`)[0]).toEqual({ previous: sha256(readFileSync(`${path}.2`)) });
});

test("a line that a crash cut is ended, not removed", () => {
  const path = join(folder, "probes");
  appendFileSync(path, '{"time":"2026');
  const log = openProbeLog({ path });
  log.write(entry(1));
  log.close();
  expect(readFileSync(path, "utf8")).toBe(`{"time":"2026\n${JSON.stringify(entry(1))}\n`);
});

test("a log that cannot be opened is an error: nothing is sent without a record", () => {
  expect(() => openProbeLog({ path: join(folder, "absent", "probes") })).toThrow(expect.objectContaining({ code: "ENOENT" }));
});
