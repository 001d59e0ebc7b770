/** Walks columns of SNMP tables, one GETBULK answer after the other. Rows are known by the arcs behind the column. RFC 3416 4.2.3. */
import snmp, { type Varbind } from "net-snmp";

const MAX_ARCS = 128;

/** Column → value; a column that the agent does not serve is absent. */
export type Row = ReadonlyMap<string, Varbind>;

export class TableWalk {
  readonly #columns: readonly string[];
  readonly #max: number;
  readonly #rows = new Map<string, Map<string, Varbind>>();
  #full = false;
  #next: readonly string[];

  /** @param max rows kept */
  constructor(columns: readonly string[], max: number) {
    this.#columns = columns;
    this.#max = max;
    this.#next = columns;
  }

  /** By index, "7.0.1". */
  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  /** What to ask for now; empty at the end of all columns. */
  get next(): readonly string[] {
    return this.#next;
  }

  /** True where there were more rows than are kept. */
  get full(): boolean {
    return this.#full;
  }

  /** Takes one answer; columns in which an agent does not move on are at their end. */
  take(varbinds: readonly Varbind[]): void {
    const last = new Map<string, string>();
    for (const varbind of varbinds) {
      const column = this.#columnOf(varbind.oid);
      if (column === undefined || snmp.isVarbindError(varbind)) continue;
      const index = varbind.oid.slice(column.length + 1);
      if (arcsOf(index) === undefined) continue;
      if (isAfter(index, last.get(column) ?? "")) last.set(column, index);
      this.#keep(index, column, varbind);
    }
    const asked = new Map(this.#next.map((oid) => [this.#columnOf(oid) ?? oid, oid]));
    this.#next = [...last]
      .filter(([column, index]) => asked.has(column) && isAfter(index, (asked.get(column) ?? "").slice(column.length + 1)))
      .map(([column, index]) => `${column}.${index}`);
  }

  #columnOf(oid: string): string | undefined {
    return this.#columns.find((column) => oid.startsWith(`${column}.`));
  }

  #keep(index: string, column: string, varbind: Varbind): void {
    const row = this.#rows.get(index);
    if (row) row.set(column, varbind);
    else if (this.#rows.size >= this.#max) this.#full = true;
    else this.#rows.set(index, new Map([[column, varbind]]));
  }
}

/** Arcs of "7.0.1"; undefined where it is none. */
export function arcsOf(index: string): readonly number[] | undefined {
  const words = index.split(".", MAX_ARCS + 1);
  if (words.length > MAX_ARCS || !words.every((word) => /^\d{1,10}$/.test(word))) return undefined;
  const arcs = words.map(Number);
  return arcs.every((arc) => arc <= 0xffff_ffff) ? arcs : undefined;
}

/** In the order of the tree; "" is before all. */
function isAfter(a: string, b: string): boolean {
  if (b === "") return a !== "";
  const [left, right] = [arcsOf(a) ?? [], arcsOf(b) ?? []];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? 0, right[i] ?? 0];
    if (x !== y) return x > y;
  }
  return left.length > right.length;
}
