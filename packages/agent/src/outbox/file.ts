/** Opening the outbox file: pragmas, schema, and what to do with a file that is no good. */
import { readFileSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { replaceFile } from "../replace-file.ts";
import { KEPT_VIEW, keptSchema } from "./kept.ts";
import type { EpochStamp } from "./outbox.ts";
import { isNoRoom } from "./reserve.ts";

/** Result codes, https://www.sqlite.org/rescode.html; the last is an extended one: the shared memory file could not be made larger. */
const SQLITE = { corrupt: 11, full: 13, notADatabase: 26, noSharedMemory: 4874 } as const;
const SCHEMA_VERSION = 2;
const PAGE_BYTES = 4096;
const MIN_PAGES = 64;
/** Pages of the log before it is written back: what the log takes of a small disk. */
const LOG_PAGES = 256;
/** SQLite's name for a file that is none. */
export const IN_MEMORY = ":memory:";

const SCHEMA = `
CREATE TABLE epoch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  id TEXT NOT NULL,
  created_ms REAL NOT NULL,
  next INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  dropped INTEGER NOT NULL DEFAULT 0,
  aged_ms REAL NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE told (
  look TEXT PRIMARY KEY,
  outcome INTEGER NOT NULL,
  fault TEXT NOT NULL,
  hash BLOB,
  epoch TEXT,
  seq INTEGER,
  sent_at_ms REAL,
  posture BLOB,
  reported_at_ms REAL NOT NULL,
  repeats INTEGER NOT NULL
) STRICT;
`;
/** Refused observations of each rank that no gap record names yet. */
const UNTOLD = `
CREATE TABLE untold (rank INTEGER PRIMARY KEY, count INTEGER NOT NULL, from_ms REAL NOT NULL, to_ms REAL NOT NULL) STRICT;
INSERT INTO untold VALUES (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0);
`;
/** Version 1 knew no ranks: what it kept counts as changes. */
const FROM_1 = `
ALTER TABLE epoch ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epoch ADD COLUMN aged_ms REAL NOT NULL DEFAULT 0;
${keptSchema()}
${UNTOLD}
INSERT INTO kept_2 SELECT seq, look, bytes, appended_ms, 0 FROM kept;
DROP TABLE kept;
${KEPT_VIEW}
`;

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code : undefined;
}

/** The file may not grow: the disk is full, or its cap is reached. */
export function isFull(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && ((code & 0xff) === SQLITE.full || code === SQLITE.noSharedMemory);
}

class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

function isDamage(error: unknown): boolean {
  const primary = (codeOf(error) ?? 0) & 0xff;
  return error instanceof DamagedFileError || primary === SQLITE.corrupt || primary === SQLITE.notADatabase;
}

function open(path: string, maxBytes: number, fresh: EpochStamp): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  try {
    // auto_vacuum holds only where it is set before the first table.
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
    db.exec(`PRAGMA max_page_count = ${Math.max(MIN_PAGES, Math.floor(maxBytes / PAGE_BYTES))}; PRAGMA wal_autocheckpoint = ${LOG_PAGES};`);
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version === 0) {
      db.exec(`BEGIN IMMEDIATE; ${SCHEMA} ${keptSchema()} ${KEPT_VIEW} ${UNTOLD} PRAGMA user_version = ${SCHEMA_VERSION};`);
      db.prepare("INSERT INTO epoch (only, id, created_ms, next, refused) VALUES (1, ?, ?, 1, 0)").run(fresh.id, fresh.createdMs);
      db.exec("COMMIT");
    } else if (version === 1) {
      db.exec(`BEGIN IMMEDIATE; ${FROM_1} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
    } else if (version !== SCHEMA_VERSION) {
      throw new DamagedFileError(`its schema is ${version}, this program writes ${SCHEMA_VERSION}`);
    }
    const verdict = db.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
    if (verdict.quick_check !== "ok") throw new DamagedFileError(verdict.quick_check);
    if (db.prepare("SELECT count(*) AS n FROM epoch").get()?.["n"] !== 1) throw new DamagedFileError("it names no epoch");
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** The epoch's id is also kept beside the file: a damaged file may not tell any more which epoch it was. */
function readEpochName(path: string): string | undefined {
  try {
    return /^[0-9a-f]{32}$/.exec(readFileSync(`${path}.epoch`, "latin1").trim())?.[0];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export function keepEpochName(path: string, epoch: string): void {
  if (path === IN_MEMORY || readEpochName(path) === epoch) return;
  try {
    replaceFile(`${path}.epoch`, `${epoch}\n`);
  } catch (error) {
    if (!isNoRoom(error)) throw error;
  }
}

export interface OpenedFile {
  readonly db: DatabaseSync;
  /** Set where an earlier file of this place is damaged or gone; "" where nobody knows its epoch. */
  readonly lostEpoch?: string;
}

/**
 * Opens or makes the file. A damaged one is moved aside, kept for people to look at, and a new epoch begins.
 * @throws SQLite's error where the folder cannot be written
 */
export function openFile(
  path: string,
  maxBytes: number,
  fresh: EpochStamp,
  onSetAside?: (path: string, reason: string) => void,
): OpenedFile {
  if (path === IN_MEMORY) return { db: open(path, maxBytes, fresh) };
  const before = readEpochName(path);
  let isDamaged = false;
  let db: DatabaseSync;
  try {
    db = open(path, maxBytes, fresh);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    isDamaged = true;
    const aside = `${path}.damaged-${fresh.createdMs}`;
    renameSync(path, aside);
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    onSetAside?.(aside, cause instanceof Error ? cause.message : "unreadable");
    db = open(path, maxBytes, fresh);
  }
  const isGone = before !== undefined && db.prepare("SELECT id FROM epoch").get()?.["id"] !== before;
  return isDamaged || isGone ? { db, lostEpoch: before ?? "" } : { db };
}
