/** What survives a damaged file: whatever is not read back exactly as it was written is named by a gap record. */
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ObservationSchema } from "@vedette/proto";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { entry, gaps } from "../testing/outbox.ts";
import { createDiskOutbox } from "./disk.ts";
import { type Outbox, RANK } from "./outbox.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-damage-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
const freshPath = () => join(mkdtempSync(join(folder, `${folders++}-`)), "outbox.sqlite");

/** "epoch/seq" → the encoded observation, gap records apart. */
function observations(outbox: Outbox): Map<string, string> {
  const all = new Map<string, string>();
  for (let b = outbox.batch(0); b !== undefined; b = outbox.batch(b.end))
    for (const bytes of b.observations) {
      const o = fromBinary(ObservationSchema, bytes);
      if (o.probe !== "agent.gap") all.set(`${b.epoch.id}/${o.seq}`, Buffer.from(bytes).toString("hex"));
    }
  return all;
}

/** Written observations that are neither there as they were written nor named. */
function unexplained(outbox: Outbox, written: ReadonlyMap<string, string>): string[] {
  const there = observations(outbox);
  const told = gaps(outbox);
  return [...written.keys()].filter((key) => {
    if (there.has(key)) return there.get(key) !== written.get(key);
    const [epoch, seq] = key.split("/");
    return !told.some((g) => g.epoch === epoch && g.ranges.some((r) => r.first <= Number(seq) && Number(seq) <= r.last));
  });
}

/** A closed file with observations, two epochs of them. */
function filled(path: string): Map<string, string> {
  const outbox = createDiskOutbox({ path, now: () => 1 });
  for (let i = 0; i < 40; i++) {
    if (i === 20) outbox.renewEpoch();
    outbox.append([entry(`look ${i}`, `name ${i}`, 500, i % 2 === 0 ? RANK.change : RANK.confirmation)]);
  }
  const written = observations(outbox);
  outbox.close();
  return written;
}

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const file = openSync(path, "r+");
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

test("an observation with a wrong bit is given up and named; its neighbours leave as they are", () => {
  const path = freshPath();
  const written = filled(path);
  const file = readFileSync(path);
  for (let at = file.indexOf("name 7"); at >= 0; at = file.indexOf("name 7", at + 1)) overwrite(path, at, Buffer.from("Name 7"));
  const outbox = createDiskOutbox({ path, now: () => 2 });
  expect(unexplained(outbox, written)).toEqual([]);
  expect(observations(outbox).size).toBe(written.size - 1);
  const [first] = [...written.keys()];
  const epoch = first?.split("/")[0];
  expect(gaps(outbox)).toMatchObject([{ reason: "damaged", epoch, ranges: [{ first: 8, last: 8 }], confirmations: 1, changes: 0 }]);
  expect(outbox.size()).toMatchObject({ dropped: 1, depth: written.size });
  outbox.close();
});

test("any bytes written over any place, or a file that ends early: all is as written or named", () => {
  const original = freshPath();
  const written = filled(original);
  const { size } = statSync(original);
  const damage = fc.oneof(
    fc.record({ at: fc.nat(size - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 5000 }) }),
    fc.record({ length: fc.nat(size - 1) }),
  );
  fc.assert(
    fc.property(damage, (d) => {
      const path = freshPath();
      cpSync(original, path);
      cpSync(`${original}.epoch`, `${path}.epoch`);
      if ("length" in d) truncateSync(path, d.length);
      else overwrite(path, d.at, d.bytes);
      const outbox = createDiskOutbox({ path, now: () => 2 });
      outbox.append([entry("after", "after")]);
      expect(unexplained(outbox, written)).toEqual([]);
      expect([...observations(outbox).values()].at(-1)).toContain(Buffer.from("after").toString("hex"));
      outbox.close();
    }),
    { numRuns: 100 },
  );
});

test("a log that was written in half leaves whole appends alone, and all of them up to there", () => {
  const original = freshPath();
  const outbox = createDiskOutbox({ path: original, now: () => 1 });
  const names = (o: Outbox) => [...observations(o).values()].map((hex) => fromBinary(ObservationSchema, Buffer.from(hex, "hex")).interface);
  for (let i = 0; i < 12; i++) outbox.append([entry(`a${i}`, `${i}`), entry(`b${i}`, `${i}`)]);
  const log = readFileSync(`${original}-wal`);
  const copy = freshPath();
  cpSync(original, copy);
  outbox.close();
  let most = 0;
  for (let cut = 0; cut <= log.length; cut += 1_999) {
    const path = freshPath();
    cpSync(copy, path);
    writeFileSync(`${path}-wal`, log.subarray(0, cut));
    const opened = createDiskOutbox({ path, now: () => 2 });
    const found = names(opened);
    const whole = found.length / 2;
    expect(found).toEqual(Array.from({ length: whole }, (_, i) => [`${i}`, `${i}`]).flat());
    most = Math.max(most, whole);
    opened.close();
  }
  expect(most).toBeGreaterThan(6);
});

test("a file that is damaged while the agent runs is set aside, and the same append goes to a new one", () => {
  const path = freshPath();
  const moved: string[] = [];
  const outbox = createDiskOutbox({ path, now: () => 3, onSetAside: (to) => moved.push(to) });
  // More than SQLite holds in memory.
  for (let i = 0; i < 400; i++) outbox.append([entry(`l${i}`, "lo", 16_000)]);
  const written = observations(outbox);
  const { epoch } = outbox;
  overwrite(path, 4096, new Uint8Array(statSync(path).size - 4096).fill(0x5a));
  outbox.append([entry("after", "after")]);
  for (const _ of outbox.allTold());
  expect(outbox.epoch).not.toEqual(epoch);
  expect(unexplained(outbox, written)).toEqual([]);
  expect(outbox.append([entry("later", "later")])).toEqual([outbox.end]);
  expect(moved).toEqual([`${path}.damaged-3`]);
  outbox.close();
});

test("of many damaged files the two newest are kept", () => {
  const path = freshPath();
  for (let now = 10; now < 15; now++) {
    createDiskOutbox({ path, now: () => now }).close();
    writeFileSync(path, "no database at all, and longer than the header of one".repeat(50));
  }
  createDiskOutbox({ path, now: () => 15 }).close();
  const aside = readdirSync(join(path, "..")).filter((name) => name.includes("damaged"));
  expect(aside.toSorted()).toEqual(["outbox.sqlite.damaged-14", "outbox.sqlite.damaged-15"]);
});
