import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROBE_IDS } from "@vedette/proto";
import { expect, test } from "vitest";
import { findProbe, PROBES } from "./registry.ts";

const here = dirname(fileURLToPath(import.meta.url));

test("every probe of the wire contract is in the list, once", () => {
  expect(PROBES.map((p) => p.id).sort()).toEqual([...PROBE_IDS].sort());
  for (const id of PROBE_IDS) expect(findProbe(id)?.id).toBe(id);
});

test("every probe folder has property tests of its decoders", () => {
  const folders = readdirSync(here, { withFileTypes: true }).filter((e) => e.isDirectory());
  expect(folders.length).toBeGreaterThan(0);
  for (const { name } of folders) {
    const files = readdirSync(join(here, name));
    const tests = files.filter((f) => f.endsWith(".test.ts")).map((f) => readFileSync(join(here, name, f), "utf8"));
    expect(
      tests.some((t) => t.includes("fc.assert(")),
      name,
    ).toBe(true);
  }
});
