/** Numbers out of many measurements. */

/** Of sorted or unsorted values, by nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** `${name}.p50Ms` and so on. @param values ms */
export function percentiles(name: string, values: readonly number[]): Record<string, number> {
  return Object.fromEntries([50, 95, 99].map((p) => [`${name}.p${p}Ms`, percentile(values, p / 100)]));
}

export function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
