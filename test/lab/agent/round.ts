/** Child: one full round as `vedette audit` takes it. node round.ts OPTIONS; prints a look a line, and last what was not looked at. */
import { type ObserveSiteOptions, observeSite } from "@vedette/agent";
import pino from "pino";
import { seen } from "./seen.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as Pick<ObserveSiteOptions, "scope" | "budget">;
const { observations, notLookedAt } = await observeSite({
  tier: "polite",
  logger: pino({ level: "warn" }, pino.destination(2)),
  signal: AbortSignal.timeout(120_000),
  ...options,
});
for (const observation of observations) process.stdout.write(`${JSON.stringify(seen(observation))}\n`);
process.stdout.write(`${JSON.stringify({ notLookedAt })}\n`);
