/** The one place where times change form: ms since 1970 in code, ISO 8601 in UTC on the wire to ClickHouse. */

/** DateTime64(3) holds 1900 to 2299; what an agent may claim is kept inside that with room for offsets. */
export const MIN_MS = 0;
export const MAX_MS = Date.UTC(2200, 0, 1);

/** @throws RangeError where `ms` is no time */
export function toWire(ms: number): string {
  return new Date(ms).toISOString();
}

export function fromWire(iso: string): number {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) throw new RangeError(`"${iso}" is no ISO 8601 time`);
  return ms;
}

export function toWireOrNull(ms: number | null): string | null {
  return ms === null ? null : toWire(ms);
}

export function fromWireOrNull(iso: string | null): number | null {
  return iso === null ? null : fromWire(iso);
}
