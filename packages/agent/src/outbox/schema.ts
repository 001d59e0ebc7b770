/** Tables of the outbox file, and how files of earlier versions become the newest. */
import { crc32 } from "node:zlib";
import { RANKS } from "./outbox.ts";

export const SCHEMA_VERSION = 4;

function each(sql: (table: string, rank: number) => string): string {
  return RANKS.map((rank) => sql(`kept_${rank}`, rank)).join("\n");
}

/** The newest epoch; `earlier` names those before it. The position of an observation is the base of its epoch plus its seq. */
const EPOCH = `
CREATE TABLE epoch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  id TEXT NOT NULL,
  created_ms REAL NOT NULL,
  next INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  dropped INTEGER NOT NULL DEFAULT 0,
  aged_ms REAL NOT NULL DEFAULT 0,
  base INTEGER NOT NULL DEFAULT 0,
  instance TEXT NOT NULL DEFAULT ''
) STRICT;`;
const EARLIER = `
CREATE TABLE earlier (n INTEGER PRIMARY KEY, id TEXT NOT NULL, created_ms REAL NOT NULL, base INTEGER NOT NULL) STRICT;
CREATE VIEW epochs AS SELECT n, id, created_ms, base FROM earlier UNION ALL SELECT ${Number.MAX_SAFE_INTEGER}, id, created_ms, base FROM epoch;`;
const KEPT = each(
  (table) => `CREATE TABLE ${table} (
    position INTEGER PRIMARY KEY,
    look TEXT NOT NULL,
    bytes BLOB NOT NULL,
    appended_ms REAL NOT NULL,
    aged_ms REAL NOT NULL,
    crc INTEGER NOT NULL
  ) STRICT;`,
);
const TOLD = `
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
) STRICT;`;
/** Refused observations of each rank that no gap record names yet. */
const UNTOLD = `
CREATE TABLE untold (rank INTEGER PRIMARY KEY, count INTEGER NOT NULL, from_ms REAL NOT NULL, to_ms REAL NOT NULL) STRICT;
INSERT INTO untold VALUES (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0);`;
/** Epochs of an earlier file of this place whose loss is told: the name of one may still stand beside the file. */
const LOST = "CREATE TABLE lost (id TEXT PRIMARY KEY) STRICT;";
/** Everything kept under its key, for people and tests that look into the file. */
const VIEW = `
CREATE VIEW kept AS
SELECT
  (SELECT id FROM epochs WHERE base < position ORDER BY n DESC LIMIT 1) AS epoch,
  position - (SELECT max(base) FROM epochs WHERE base < position) AS seq,
  look, bytes, appended_ms, rank
FROM (${RANKS.map((r) => `SELECT position, look, bytes, appended_ms, ${r} AS rank FROM kept_${r}`).join(" UNION ALL ")});`;

export const SCHEMA = [EPOCH, EARLIER, KEPT, TOLD, UNTOLD, LOST, VIEW].join("\n");

/** What runs in a file of a version to bring it to the next one. It may call checksum(position, bytes). */
export const UPGRADES: Readonly<Record<number, string>> = {
  // Version 1 knew no ranks: what it kept counts as changes.
  1: `
ALTER TABLE epoch ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epoch ADD COLUMN aged_ms REAL NOT NULL DEFAULT 0;
${each((t) => `CREATE TABLE ${t} (seq INTEGER PRIMARY KEY, look TEXT NOT NULL, bytes BLOB NOT NULL, appended_ms REAL NOT NULL, aged_ms REAL NOT NULL) STRICT;`)}
${UNTOLD}
INSERT INTO kept_2 SELECT seq, look, bytes, appended_ms, 0 FROM kept;
DROP TABLE kept;`,
  // Version 2 knew one epoch at a time, and no checksums.
  2: `
DROP VIEW IF EXISTS kept;
ALTER TABLE epoch ADD COLUMN base INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epoch ADD COLUMN instance TEXT NOT NULL DEFAULT '';
${EARLIER}
${each((t) => `ALTER TABLE ${t} RENAME COLUMN seq TO position; ALTER TABLE ${t} ADD COLUMN crc INTEGER NOT NULL DEFAULT 0; UPDATE ${t} SET crc = checksum(position, bytes);`)}
${VIEW}`,
  3: LOST,
};

/** Of an observation's bytes at its position: SQLite finds a damaged page only where its structure suffers. */
export function checksum(position: number, bytes: Uint8Array): number {
  return crc32(bytes, position >>> 0);
}
