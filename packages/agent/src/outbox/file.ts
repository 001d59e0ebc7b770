/** Opening the outbox file: pragmas, schema, and whether it is the very file that this machine wrote. */
import { readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isNoRoom, replaceFile } from "../replace-file.ts";
import { type EpochStamp, RANKS } from "./outbox.ts";
import { checksum, SCHEMA, SCHEMA_VERSION, UPGRADES } from "./schema.ts";
import { DamagedFileError } from "./sqlite-error.ts";

const PAGE_BYTES = 4096;
const MIN_PAGES = 64;
/** Pages of the log before it is written back: what the log takes of a small disk. */
const LOG_PAGES = 256;
/** Of what SQLite holds of the file in memory; a negative number counts KiB. */
const CACHE_SIZE = -1024;
const EPOCH_NAME = /^[0-9a-f]{32}$/;
/** SQLite's name for a file that is none. */
export const IN_MEMORY = ":memory:";

export interface FilePlace {
  readonly path: string;
  readonly maxBytes: number;
  /** What tells this start of the machine from others, such as its boot id. */
  readonly machine: string;
  readonly freshEpoch: () => EpochStamp;
  /** The file before was no good and is out of the way. */
  readonly isReplacement: boolean;
}

/**
 * Names the one file on the one start of a machine: a copy of it, be it of the file or of the whole disk, has another instance, and must not
 * go on numbering where the original goes on too.
 */
function instanceOf({ path, machine }: Pick<FilePlace, "path" | "machine">): string {
  if (path === IN_MEMORY) return "";
  const { dev, ino } = statSync(path, { bigint: true });
  return `${machine}/${dev}:${ino}`;
}

function upgrade(db: DatabaseSync, from: number): void {
  db.function("checksum", { deterministic: true }, (position, bytes) => checksum(position as number, bytes as Uint8Array));
  db.exec("BEGIN IMMEDIATE");
  for (let version = from; version < SCHEMA_VERSION; version++) db.exec(UPGRADES[version] ?? "");
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
}

/** What SQLite cannot know to be wrong: numbers that would be used twice. */
function checkNumbers(db: DatabaseSync): void {
  const [head, second] = db.prepare("SELECT id, next, base FROM epoch").all() as { id: string; next: number; base: number }[];
  if (head === undefined || second !== undefined || !EPOCH_NAME.test(head.id)) throw new DamagedFileError("it names no epoch");
  const newest = db.prepare(
    `SELECT max(position) AS position FROM (${RANKS.map((r) => `SELECT max(position) AS position FROM kept_${r}`).join(" UNION ALL ")})`,
  );
  const { position } = newest.get() as { position: number | null };
  if (head.next < 1 || (position ?? 0) >= head.base + head.next) throw new DamagedFileError("its next number is one that it has used");
}

function open(place: FilePlace): DatabaseSync {
  const db = new DatabaseSync(place.path, { timeout: 5000 });
  try {
    // auto_vacuum holds only where it is set before the first table.
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
    db.exec(`PRAGMA max_page_count = ${Math.max(MIN_PAGES, Math.floor(place.maxBytes / PAGE_BYTES))};`);
    db.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA cache_size = ${CACHE_SIZE};`);
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version === 0) {
      const { id, createdMs } = place.freshEpoch();
      db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
      const epoch = db.prepare("INSERT INTO epoch (only, id, created_ms, next, refused, instance) VALUES (1, ?, ?, 1, 0, ?)");
      epoch.run(id, createdMs, instanceOf(place));
      db.exec("COMMIT");
    } else if (version < SCHEMA_VERSION) {
      upgrade(db, version);
    } else if (version !== SCHEMA_VERSION) {
      throw new DamagedFileError(`its schema is ${version}, this program writes ${SCHEMA_VERSION}`);
    }
    const verdict = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (verdict.quick_check !== "ok") throw new DamagedFileError(verdict.quick_check);
    checkNumbers(db);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/**
 * The ids of the newest epoch and of those before it that have something left are also kept beside the file, a line each: a damaged file may
 * not tell them any more.
 */
function readEpochNames(path: string): string[] {
  try {
    return readFileSync(`${path}.epoch`, "latin1")
      .split("\n")
      .filter((line) => EPOCH_NAME.test(line));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** @param epochs ids, the newest first */
export function keepEpochNames(path: string, epochs: readonly string[]): void {
  const text = epochs.map((id) => `${id}\n`).join("");
  if (path === IN_MEMORY || readEpochNames(path).join() === epochs.join()) return;
  try {
    replaceFile(`${path}.epoch`, text);
  } catch (error) {
    if (!isNoRoom(error)) throw error;
  }
}

export interface OpenedFile {
  readonly db: DatabaseSync;
  readonly instance: string;
  /** Another file or another start of the machine wrote it: it must not go on numbering. */
  readonly isCopy: boolean;
  /** Epochs of an earlier file of this place that is damaged or gone, which nothing told yet; "" where nobody knows its epochs. */
  readonly lostEpochs: readonly string[];
}

/** Opens or makes the file. @throws SQLite's errors; isDamage() of them says that the file is no good */
export function openFile(place: FilePlace): OpenedFile {
  const { path, isReplacement } = place;
  if (path === IN_MEMORY) return { db: open(place), instance: "", isCopy: false, lostEpochs: [] };
  const names = readEpochNames(path);
  const db = open(place);
  const knows = db.prepare("SELECT 1 FROM epochs WHERE id = ?1 UNION ALL SELECT 1 FROM lost WHERE id = ?1");
  const lostEpochs = names.filter((name) => knows.get(name) === undefined);
  const { instance: written, used } = db.prepare("SELECT instance, next > 1 OR base > 0 AS used FROM epoch").get() as {
    instance: string;
    used: number;
  };
  const instance = instanceOf(place);
  // An older file that was put back may still lie in the very same place.
  const isOlder = used === 1 && names[0] !== undefined && lostEpochs.includes(names[0]);
  return { db, instance, isCopy: isOlder || written !== instance, lostEpochs: isReplacement && names.length === 0 ? [""] : lostEpochs };
}
