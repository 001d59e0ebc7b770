import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { CLAUSES, clauseById, ERRATA, WITHDRAWN } from "./ts-0014-1@2.ts";

const EXPECTED = [
  ["5.1.1", 1],
  ["5.1.2", 2],
  ["5.1.3", 1],
  ["5.1.4", 1],
  ["5.2.1", 2],
  ["5.2.2", 2],
  ["5.2.3", 5],
  ["5.2.4", 4],
  ["5.2.5", 1],
  ["5.2.6", 3],
  ["5.2.7", 3],
  ["5.3.1", 3],
  ["5.3.2", 3],
  ["5.3.3", 4],
  ["5.4.1", 6],
  ["5.4.2", 6],
  ["5.4.3", 2],
  ["5.5.1", 2],
  ["5.5.2", 3],
] as const; // sub-item and number of its clauses

/** Recordings stand at VEDETTE_CORPUS; the standard's own text in a folder beside them. */
const corpus = process.env["VEDETTE_CORPUS"] ?? resolve(import.meta.dirname, "../../../../../shared/data");
const seeds = join(corpus, "../seeds");
const HAS_SEED = existsSync(seeds);

function seedText(): string {
  return readdirSync(seeds)
    .filter((f) => f.endsWith(".txt"))
    .map((f) => readFileSync(join(seeds, f), "utf8"))
    .join("\n");
}

test("the 54 clauses, in order, each once", () => {
  const expected = EXPECTED.flatMap(([item, count]) => Array.from({ length: count }, (_, i) => `${item}.${i + 1}`));
  expect(expected).toHaveLength(54);
  expect(CLAUSES.map((c) => c.id)).toEqual(expected);
});

test("every text stands in both languages and none is empty", () => {
  for (const c of CLAUSES) {
    for (const text of [c.title, c.summary, c.decidedBy, c.remediation, c.itemTitle]) {
      expect(text.en.length, c.id).toBeGreaterThan(2);
      expect(text["zh-TW"], c.id).toMatch(/\p{Script=Han}/u);
      expect(text.en, c.id).not.toMatch(/\p{Script=Han}/u);
    }
  }
});

test("kind, tier and references agree with each other", () => {
  for (const c of CLAUSES) expect(c.tier === null, c.id).toBe(c.kind === "A");
  const without = CLAUSES.filter((c) => c.references.length === 0).map((c) => c.id);
  // No row in Annex D, or a row without a counterpart.
  expect(without).toEqual([
    "5.1.2.1",
    "5.1.2.2",
    "5.2.2.2",
    "5.2.3.4",
    "5.2.3.5",
    "5.2.7.2",
    "5.2.7.3",
    "5.3.1.3",
    "5.3.3.4",
    "5.4.1.3",
    "5.4.1.4",
    "5.5.2.3",
  ]);
  expect(clauseById("5.2.3.1")?.references.map((r) => r.scheme)).toEqual(["OWASP IoT", "ANSI/UL 2900-1", "ANSI/UL 2900-1", "ONVIF"]);
});

test("what is withdrawn is listed and is no clause", () => {
  expect(WITHDRAWN.map((w) => w.id)).toEqual(["5.2.7.4"]);
  expect(clauseById("5.2.7.4")).toBeNull();
  expect(ERRATA).toHaveLength(3);
});

/** Table 1 of the standard: rows of tab-separated columns, the last three the levels; a row whose sub-item spans lines begins with its title. */
function table1(text: string): Map<string, number[]> {
  const from = text.indexOf("表 1 安全要求等級總表");
  const body = text.slice(from, text.indexOf("4.1.1 安全構面", from));
  const levels = new Map<string, number[]>();
  for (const line of body.split("\n")) {
    const columns = line.split("\t");
    if (columns.length < 4) continue;
    columns.slice(-3).forEach((column, i) => {
      for (const id of column.match(/5\.\d\.\d\.\d/g) ?? []) levels.set(id, [...(levels.get(id) ?? []), i + 1]);
    });
  }
  return levels;
}

test.skipIf(!HAS_SEED)("levels are those of Table 1 of the standard (needs its text beside VEDETTE_CORPUS)", () => {
  const levels = table1(seedText());
  expect(levels.size).toBe(54);
  for (const c of CLAUSES) expect(c.levels, c.id).toEqual(levels.get(c.id));
});

test.skipIf(!HAS_SEED)("no sentence of the standard is copied (needs its text beside VEDETTE_CORPUS)", () => {
  const clauses = seedText().replace(/\s+/g, "");
  for (const c of CLAUSES) {
    for (const text of [c.summary, c.decidedBy, c.remediation]) {
      const plain = text["zh-TW"].replace(/\s+/g, "");
      const longest = 16; // characters in a row that also stand in the standard
      for (let i = 0; i + longest <= plain.length; i++)
        expect(clauses.includes(plain.slice(i, i + longest)), `${c.id}: ${plain.slice(i, i + longest)}`).toBe(false);
    }
  }
});
