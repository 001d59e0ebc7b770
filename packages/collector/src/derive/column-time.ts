/** Times as columns take and give them. */

/** ms since 1970 as ISO 8601 in UTC, which DateTime64(3, 'UTC') columns, the API and events take alike. */
export function toColumnTime(ms: number): string {
  return new Date(Math.floor(ms)).toISOString();
}

/** @throws RangeError where the text is neither ISO 8601 in UTC nor the form in which ClickHouse writes it */
export function fromColumnTime(text: string): number {
  const ms = Date.parse(text.endsWith("Z") ? text : `${text.replace(" ", "T")}Z`);
  if (Number.isNaN(ms)) throw new RangeError(`"${text}" is not a DateTime64 in UTC`);
  return ms;
}
