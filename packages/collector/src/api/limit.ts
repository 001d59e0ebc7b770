/** How much one address may ask. Counted before anything else is done, so that guessing counts too. */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "./problem.ts";

/** A console with a dozen tabs asks a tenth of it. */
const ALL = { max: 2_000, timeWindow: "10 seconds" };

/** Of one route: where a password is tried. Failed logins are also locked out, by login and by address. */
export const PASSWORD_TRIES = { max: 20, timeWindow: "1 minute" };

/** Upgrades and, per socket, messages of the live feed. */
export const LIVE_UPGRADES = { burst: 60, everyMs: 1_000 };
export const LIVE_MESSAGES = { burst: 20, everyMs: 500 };

export async function installLimits(app: FastifyInstance): Promise<void> {
  // As a hook of the whole application: the plugin's own runs per route, after the check of who asks, and not for unknown paths.
  await app.register(rateLimit, { global: false });
  const take = app.createRateLimit(ALL);
  app.addHook("onRequest", async (request, reply) => {
    const taken = await take(request);
    if (taken.isAllowed || !taken.isExceeded) return;
    reply.header("retry-after", taken.ttlInSeconds);
    throw new ProblemError(429, `too many requests from this address; wait ${taken.ttlInSeconds} s`);
  });
}
