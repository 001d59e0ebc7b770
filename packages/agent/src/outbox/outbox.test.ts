import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { create, toBinary } from "@bufbuild/protobuf";
import { ObservationSchema, ReceiptSchema } from "@vedette/proto";
import { afterAll, expect, test } from "vitest";
import { entry, full, gaps } from "../testing/outbox.ts";
import { createDiskOutbox } from "./disk.ts";
import { createMemoryOutbox } from "./memory.ts";
import { outboxSuite } from "./outbox.suite.ts";
import { OutboxFullError, RANK } from "./outbox.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-outbox-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}.sqlite`);

outboxSuite("memory", (o) => createMemoryOutbox({ now: Date.now, ...o }));
outboxSuite("disk", (o) => createDiskOutbox({ path: freshPath(), now: Date.now, ...o }));

test("a disk outbox opened again goes on where it stood", () => {
  const path = freshPath();
  const one = createDiskOutbox({ path, now: () => 1 });
  one.append([entry("a"), entry("b")]);
  const { epoch } = one;
  one.close();
  const two = createDiskOutbox({ path, now: () => 2 });
  expect(two.epoch).toEqual(epoch);
  expect(two.size()).toMatchObject({ depth: 2, oldestMs: 1 });
  expect(two.told("b")?.base).toMatchObject({ epoch: epoch.id, seq: 2 });
  expect(two.append([entry("c")])).toEqual([3]);
  two.close();
});

const GARBAGE = "this is no database, and it is longer than a header of one hundred bytes ".repeat(100);

test("a damaged file is set aside, kept, and a new epoch begins with a record of what is lost", () => {
  const path = freshPath();
  const one = createDiskOutbox({ path, now: () => 41 });
  one.append([entry("a"), entry("b")]);
  const lost = one.epoch.id;
  one.close();
  writeFileSync(path, GARBAGE);
  const moved: string[] = [];
  const two = createDiskOutbox({ path, now: () => 42, onSetAside: (to) => moved.push(to) });
  expect(two.epoch.id).not.toBe(lost);
  expect(gaps(two)).toMatchObject([{ reason: "damaged", epoch: lost, ranges: [{ first: 1, last: 2 ** 31 - 1 }], changes: 0 }]);
  expect(two.append([entry("a")])).toEqual([2]);
  expect(moved).toEqual([`${path}.damaged-42`]);
  expect(readFileSync(`${path}.damaged-42`, "latin1")).toBe(GARBAGE);
  two.close();
  const three = createDiskOutbox({ path, now: () => 43 });
  expect(three.epoch).toEqual(two.epoch);
  expect(gaps(three)).toHaveLength(1);
  three.close();
});

test("a file that is gone is told like a damaged one", () => {
  const path = freshPath();
  const one = createDiskOutbox({ path, now: () => 1 });
  const lost = one.epoch.id;
  one.close();
  rmSync(path);
  const two = createDiskOutbox({ path, now: () => 2 });
  expect(gaps(two)).toMatchObject([{ reason: "damaged", epoch: lost }]);
  two.close();
});

test("refusals are told also when the agent ended in between", () => {
  const path = freshPath();
  const paths = [freshPath(), path];
  const one = full(() => createDiskOutbox({ path: paths.shift() ?? "", now: () => 1, maxBytes: 300_000 }));
  expect(() => one.append([entry("less", "lo", 16_000, RANK.outcome)])).toThrow(OutboxFullError);
  one.close();
  const two = createDiskOutbox({ path, now: () => 2 });
  expect(two.size()).toMatchObject({ refused: 1 });
  two.append([entry("l")]);
  expect(gaps(two).at(-1)).toMatchObject({ reason: "disk-full", ranges: [], outcomes: 1, fromWallMs: 1 });
  two.close();
});

test("the file shrinks when it is drained", () => {
  const path = freshPath();
  const outbox = createDiskOutbox({ path, now: () => 1 });
  for (let i = 0; i < 500; i++) outbox.append([entry(`l${i}`, "lo", 16_000)]);
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 1, last: 250 }] }));
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 251, last: 500 }] }));
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 1, last: 500 }] }));
  outbox.close();
  expect(statSync(path).size).toBeLessThan(1_000_000);
});

test("a file of version 1 is taken over", () => {
  const path = freshPath();
  const old = new DatabaseSync(path);
  old.exec(VERSION_1);
  const bytes = toBinary(ObservationSchema, create(ObservationSchema, { seq: 4, probe: "http.root" }));
  old.prepare("INSERT INTO kept VALUES (4, 'a', ?, 5)").run(bytes);
  old.close();
  const outbox = createDiskOutbox({ path, now: () => 9 });
  // Which file on which machine it was, version 1 did not say.
  expect(outbox.epoch.createdMs).toBe(9);
  expect(outbox.batch(0)).toMatchObject({ epoch: { id: "ab".repeat(16), createdMs: 3 }, first: 4, last: 4, observations: [bytes] });
  expect(outbox.append([entry("b")])).toEqual([1]);
  outbox.close();
});

const VERSION_1 = `
CREATE TABLE epoch (only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, created_ms REAL NOT NULL, next INTEGER NOT NULL, refused INTEGER NOT NULL) STRICT;
CREATE TABLE kept (seq INTEGER PRIMARY KEY, look TEXT NOT NULL, bytes BLOB NOT NULL, appended_ms REAL NOT NULL) STRICT;
CREATE TABLE told (look TEXT PRIMARY KEY, outcome INTEGER NOT NULL, fault TEXT NOT NULL, hash BLOB, epoch TEXT, seq INTEGER, sent_at_ms REAL,
  posture BLOB, reported_at_ms REAL NOT NULL, repeats INTEGER NOT NULL) STRICT;
INSERT INTO epoch VALUES (1, '${"ab".repeat(16)}', 3, 5, 0);
PRAGMA user_version = 1;`;
