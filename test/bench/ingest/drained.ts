/** A backlog that was published while no collector ran, and what one that starts makes of it. */
import { type World, waitFor } from "../../kit/index.ts";
import { countStored, waitAssessed } from "../sites.ts";
import { type BacklogOptions, makeBacklog, publishBacklog } from "./backlog.ts";

const STORED_MS = 300_000;

export interface Drained {
  /** Observations per second, from the beginning of the first insert to that of the last, without the last one's. */
  readonly storedPerSecond: number;
  /** Observations per second, from the beginning of the first insert until all are assessed. */
  readonly assessedPerSecond: number;
}

export async function drained(centre: World, backlog: BacklogOptions): Promise<Drained> {
  await centre.stop("collector");
  const before = await countStored(centre);
  const from = Date.now();
  const sent = makeBacklog(centre.tenant, backlog);
  await publishBacklog(centre, sent);
  const total = sent.reduce((n, { batch }) => n + batch.last - batch.first + 1, 0);
  await centre.start("collector");
  await waitFor("the backlog is stored", async () => (await countStored(centre)) >= before + total, STORED_MS, 250);
  await waitAssessed(centre, from);
  const assessedAt = Date.now();
  const inserts = await centre.store.query<{ at: number; rows: number }>(
    `SELECT toUnixTimestamp64Milli(stored_at) AS at, count() AS rows FROM observation
     WHERE stored_at >= fromUnixTimestamp64Milli({from:Int64}) GROUP BY at ORDER BY at`,
    { from },
  );
  const first = inserts.at(0);
  const last = inserts.at(-1);
  if (first === undefined || last === undefined || first.at === last.at)
    throw new Error("the backlog is too small to be measured; raise --observations");
  return {
    storedPerSecond: ((total - last.rows) / (last.at - first.at)) * 1_000,
    assessedPerSecond: (total / (assessedAt - first.at)) * 1_000,
  };
}
