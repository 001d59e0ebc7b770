/** Runs of whole numbers as inclusive ranges: seqs in receipts and gap records, ports in facts. */

export interface Range {
  readonly first: number;
  readonly last: number;
}

/** @param sorted ascending; a number that comes again adds nothing. @returns ascending ranges, no two of which touch */
export function rangesOf(sorted: Iterable<number>): Range[] {
  const found: { first: number; last: number }[] = [];
  for (const n of sorted) {
    const open = found.at(-1);
    if (open !== undefined && n <= open.last + 1) open.last = n;
    else found.push({ first: n, last: n });
  }
  return found;
}
