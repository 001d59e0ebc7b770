/** Opening the outbox file: pragmas, schema, and what to do with a file that is no good. */
import { renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { EpochStamp } from "./outbox.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE = { corrupt: 11, full: 13, schema: 17, notADatabase: 26 } as const;
const SCHEMA_VERSION = 1;
const PAGE_BYTES = 4096;

const SCHEMA = `
CREATE TABLE epoch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  id TEXT NOT NULL,
  created_ms REAL NOT NULL,
  next INTEGER NOT NULL,
  refused INTEGER NOT NULL
) STRICT;
CREATE TABLE kept (
  seq INTEGER PRIMARY KEY,
  look TEXT NOT NULL,
  bytes BLOB NOT NULL,
  appended_ms REAL NOT NULL
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

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

export function isFull(error: unknown): boolean {
  return primaryCode(error) === SQLITE.full;
}

class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return error instanceof DamagedFileError || code === SQLITE.corrupt || code === SQLITE.notADatabase;
}

function open(path: string, maxBytes: number, fresh: EpochStamp): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 5000 });
  try {
    // auto_vacuum holds only where it is set before the first table.
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;`);
    db.exec(`PRAGMA max_page_count = ${Math.max(64, Math.floor(maxBytes / PAGE_BYTES))}`);
    const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
    if (version === 0) {
      db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
      db.prepare("INSERT INTO epoch VALUES (1, ?, ?, 1, 0)").run(fresh.id, fresh.createdMs);
      db.exec("COMMIT");
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

/**
 * Opens or makes the file. A damaged one is moved aside, kept for people to look at, and a new epoch begins.
 * @throws SQLite's error where the folder cannot be written
 */
export function openFile(
  path: string,
  maxBytes: number,
  fresh: EpochStamp,
  onSetAside?: (path: string, reason: string) => void,
): DatabaseSync {
  try {
    return open(path, maxBytes, fresh);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    const aside = `${path}.damaged-${fresh.createdMs}`;
    renameSync(path, aside);
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    onSetAside?.(aside, cause instanceof Error ? cause.message : "unreadable");
    return open(path, maxBytes, fresh);
  }
}
