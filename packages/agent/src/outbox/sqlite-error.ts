/** What an error of SQLite means for the outbox, by its result code (https://www.sqlite.org/rescode.html). */
const PRIMARY = { logic: 1, corrupt: 11, full: 13, notADatabase: 26 } as const;
/** Extended codes of SQLITE_IOERR. */
const IO = { read: 266, shortRead: 522, write: 778, fsync: 1034, noSharedMemory: 4874, data: 8202, corruptFileSystem: 8458 } as const;

function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code : undefined;
}

/** Nothing more can be written: the disk or a quota is full, the cap is reached, or the disk takes nothing. What is written already stands. */
export function isFull(error: unknown): boolean {
  const code = codeOf(error) ?? 0;
  return (code & 0xff) === PRIMARY.full || code === IO.write || code === IO.fsync || code === IO.noSharedMemory;
}

/** The file is not what its program wrote. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

export function isDamage(error: unknown): boolean {
  const code = codeOf(error) ?? 0;
  const isUnreadable = code === IO.read || code === IO.shortRead || code === IO.data || code === IO.corruptFileSystem;
  return error instanceof DamagedFileError || (code & 0xff) === PRIMARY.corrupt || (code & 0xff) === PRIMARY.notADatabase || isUnreadable;
}

/** A statement of ours does not fit the tables: while opening, that is damage too, as the schema itself lies in the file. */
export function isLogicError(error: unknown): boolean {
  return ((codeOf(error) ?? 0) & 0xff) === PRIMARY.logic;
}
