/** Sites for a bench, and how far the collector has come with them. */
import { bucketOf, DEFAULT_BUCKETS } from "@vedette/collector/src/bucket/number.ts";
import { readTouchedSites } from "@vedette/collector/src/store/index.ts";
import { type World, waitFor } from "../kit/index.ts";

const ASSESSED_MS = 300_000;
/** What is told in seconds comes back in milliseconds only so exactly. */
const ROUNDING_MS = 1;

export async function addSites(centre: World, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const response = await fetch(`${centre.api.url}api/v1/sites`, {
      method: "POST",
      headers: { authorization: `Bearer ${centre.apiToken}`, "content-type": "application/json" },
      body: JSON.stringify({ id, name: id }),
    });
    if (response.status !== 201) throw new Error(`site ${id} was not made: ${response.status} ${await response.text()}`);
  }
}

export async function countStored(centre: World): Promise<number> {
  const [row] = await centre.store.query<{ n: number }>("SELECT count() AS n FROM observation");
  return row?.n ?? 0;
}

/** Bucket → storage time through which it is derived, ms. */
async function derivedThrough(centre: World): Promise<Map<number, number>> {
  const lines = (await centre.api.metrics()).matchAll(/^vedette_bucket_derived_timestamp_seconds\{bucket="(\d+)"\} (\S+)/gm);
  return new Map([...lines].map(([, bucket, seconds]) => [Number(bucket), Number(seconds) * 1_000]));
}

/** Resolves when everything that was stored since `from` (ms) is assessed and what follows from it can be queried. */
export async function waitAssessed(centre: World, from: number): Promise<void> {
  const wanted = new Map<number, number>();
  for (const { tenant, site, storedThrough } of await readTouchedSites(centre.store, from)) {
    const bucket = bucketOf(tenant, site, DEFAULT_BUCKETS);
    wanted.set(bucket, Math.max(storedThrough, wanted.get(bucket) ?? 0));
  }
  const done = async () => {
    const derived = await derivedThrough(centre);
    return [...wanted].every(([bucket, at]) => (derived.get(bucket) ?? 0) + ROUNDING_MS >= at);
  };
  await waitFor("everything stored is assessed", done, ASSESSED_MS, 250);
}
