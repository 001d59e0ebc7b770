/** The system account's line to nats-server's resolver: accounts are made and changed without a restart. */
import type { NatsConnection } from "@nats-io/transport-node";
import { z } from "zod";
import type { Resolver } from "../control/types.ts";

const UPDATE = "$SYS.REQ.CLAIMS.UPDATE";
const ANSWER_MS = 5_000;

const answer = z.object({
  data: z.object({ code: z.number() }).optional(),
  error: z.object({ code: z.number(), description: z.string() }).optional(),
});

/** nats-server refused an account: a fault of ours or of its configuration. */
export class ResolverError extends Error {
  override readonly name = "ResolverError";
}

/** `system`: a connection as a user of the system account (keys.nats.systemUser). */
export function natsResolver(system: NatsConnection): Resolver {
  return {
    async update(claim) {
      const reply = await system.request(UPDATE, claim.jwt, { timeout: ANSWER_MS });
      const said = answer.safeParse(reply.json());
      if (!said.success || said.data.error !== undefined || said.data.data?.code !== 200) {
        throw new ResolverError(
          `nats-server did not take account ${claim.publicKey}: ${said.data?.error?.description ?? "no answer of its form"}`,
        );
      }
    },
  };
}
