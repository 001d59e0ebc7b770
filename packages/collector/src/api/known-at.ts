/** The closed time of a site: what a reader may be told, for ever. */
import { bucketOf } from "../bucket/number.ts";
import { readClosedTime } from "../store/index.ts";
import { MAX_MS, MIN_MS } from "../store/time.ts";
import type { ApiContext } from "./context.ts";
import { ProblemError } from "./problem.ts";

/** @returns the value that was used, ms: what was asked, clamped to the closed time. @throws ProblemError 503 before anything was derived */
export async function knownAtOf(cx: ApiContext, tenant: string, site: string, asked: number | undefined): Promise<number> {
  cx.onRead(tenant, site);
  const closed = await readClosedTime(cx.store, [bucketOf(tenant, site, cx.buckets)]);
  if (closed === null) throw new ProblemError(503, "nothing has been derived for this site yet; try again in a few seconds");
  return asked === undefined ? closed : Math.min(asked, closed);
}

/** A time of a request, ms, within what the store can hold: nothing was seen before, nothing will be after. */
export function timeOf(text: string): number {
  return Math.min(MAX_MS, Math.max(MIN_MS, Date.parse(text)));
}

export function timeOrUndefined(text: string | undefined): number | undefined {
  return text === undefined ? undefined : timeOf(text);
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}
