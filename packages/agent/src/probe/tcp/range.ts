/** Ports as sorted, disjoint, inclusive ranges. */

export interface Range {
  readonly first: number;
  readonly last: number;
}

export function rangesOf(ports: Iterable<number>): Range[] {
  const ranges: { first: number; last: number }[] = [];
  for (const port of [...ports].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && port <= last.last + 1) last.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges;
}
