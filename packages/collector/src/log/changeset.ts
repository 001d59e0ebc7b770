/** A changeset as bytes: one step of one bucket, in messages of at most 900 KiB. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Changeset as ChangesetMessage, ChangesetSchema, TableRowsSchema } from "@vedette/proto";

/** Below the broker's 1 MiB payload, with room for headers. */
export const MAX_PART_BYTES = 900 * 1024;

/** Rows as ClickHouse takes them, without bucket, era, seq and recorded_at: apply adds those. */
export type Row = Readonly<Record<string, unknown>>;

export interface TableRows {
  readonly table: string;
  readonly rows: readonly Row[];
}

export interface Changeset {
  readonly bucket: number;
  readonly era: number;
  readonly seq: number;
  /** ms since 1970, strictly increasing per bucket. */
  readonly recordedAt: number;
  /** Storage time that was derived through, ms. */
  readonly derivedThrough: number;
  /** Version of the deriving code. */
  readonly code: string;
  readonly tables: readonly TableRows[];
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

export class ChangesetError extends Error {
  override readonly name = "ChangesetError";
}

/** Splits into parts no larger than `maxBytes`; a single row larger than that cannot travel. */
export function encodeChangeset(c: Changeset, maxBytes = MAX_PART_BYTES): Uint8Array[] {
  const groups: { table: string; rows: Uint8Array<ArrayBuffer>[] }[][] = [[]];
  let size = 0;
  for (const { table, rows } of c.tables) {
    for (const row of rows) {
      // Many times as fast as a TextEncoder where texts are short.
      const bytes = Buffer.from(JSON.stringify(row));
      if (bytes.length > maxBytes - 1024)
        throw new ChangesetError(`a row of table ${table} has ${bytes.length} bytes, more than fits in a message`);
      if (size + bytes.length + 16 > maxBytes - 1024) {
        groups.push([]);
        size = 0;
      }
      const group = groups.at(-1) ?? [];
      const last = group.at(-1);
      if (last?.table === table) last.rows.push(bytes);
      else group.push({ table, rows: [bytes] });
      size += bytes.length + 16;
    }
  }
  return groups.map((group, i) =>
    toBinary(
      ChangesetSchema,
      create(ChangesetSchema, {
        bucket: c.bucket,
        era: c.era,
        seq: c.seq,
        recordedMs: c.recordedAt,
        derivedThroughMs: c.derivedThrough,
        code: c.code,
        part: i + 1,
        parts: groups.length,
        tables: group.map((g) => create(TableRowsSchema, g)),
      }),
    ),
  );
}

export interface ChangesetPart extends Changeset {
  readonly part: number;
  readonly parts: number;
}

/** @throws ChangesetError where the bytes are not a changeset */
export function decodePart(bytes: Uint8Array): ChangesetPart {
  let m: ChangesetMessage;
  try {
    m = fromBinary(ChangesetSchema, bytes);
  } catch (cause) {
    throw new ChangesetError("not a changeset", { cause });
  }
  return {
    bucket: m.bucket,
    era: m.era,
    seq: m.seq,
    recordedAt: m.recordedMs,
    derivedThrough: m.derivedThroughMs,
    code: m.code,
    part: m.part,
    parts: m.parts,
    tables: m.tables.map((t) => ({ table: t.table, rows: t.rows.map((r) => parseRow(r)) })),
  };
}

function parseRow(bytes: Uint8Array): Row {
  try {
    return JSON.parse(utf8.decode(bytes)) as Row;
  } catch (cause) {
    throw new ChangesetError("a row is not JSON", { cause });
  }
}

/** Joins the parts of one changeset; null while some are missing. */
export function joinParts(parts: readonly ChangesetPart[]): Changeset | null {
  const first = parts[0];
  if (first === undefined || parts.length < first.parts) return null;
  const { part: _part, parts: _parts, ...head } = first;
  return { ...head, tables: parts.flatMap((p) => p.tables) };
}
