/** A stored event as the API and the feed give it. */
import type { RecordedEvent } from "../store/index.ts";
import type { Event } from "./shape.ts";

export function eventShape(row: RecordedEvent): Event & { recordedat: string } {
  // "recordedat" is a CloudEvents extension attribute: names there are lower case without separators.
  return { ...(JSON.parse(row.body) as Event), recordedat: new Date(row.recordedAt).toISOString() };
}
