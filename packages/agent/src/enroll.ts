/** Enrolment: keys are made here, a single-use token buys certificate and NATS user for them. */
import { hostname } from "node:os";
import type { Logger } from "pino";
import { connectControl } from "./control.ts";
import { IdentityError, keepIdentity, loadIdentity, makeKeys, type StoredIdentity, saveIdentity } from "./identity.ts";
import { parseToken } from "./token.ts";
import { AGENT_VERSION } from "./version.ts";

export interface EnrollOptions {
  /** As the centre printed it, "vdt1.…". */
  readonly token: string;
  /** Data folder; made where it is missing. */
  readonly data: string;
  readonly logger: Logger;
  /** Replaces an identity that is there. */
  readonly force?: boolean;
}

/** @throws TokenError, ControlError, IdentityError where the folder already holds an identity */
export async function enrollAgent({ token, data, logger, force = false }: EnrollOptions): Promise<StoredIdentity> {
  const centre = parseToken(token);
  const before = force ? undefined : loadIdentity(data);
  if (before !== undefined) {
    throw new IdentityError(
      `data: ${data} already belongs to agent ${before.agent} of site ${before.site}; use another folder, or --force to replace it`,
    );
  }
  const keys = await makeKeys();
  const control = connectControl({ grpc: centre.grpc, ca: centre.ca });
  try {
    const answer = await control.enroll(centre.secret, keys, AGENT_VERSION, hostname());
    if (answer.identity === undefined) throw new IdentityError("the centre's answer lacks an identity");
    const { tenant, site, agent } = answer;
    const identity = keepIdentity(
      { tenant, site, agent, grpc: centre.grpc, key: keys.key, natsSeed: keys.natsSeed },
      answer.identity,
      Date.now(),
    );
    // An answer for another CA than the token's would move the pin.
    if (identity.ca !== centre.ca)
      throw new IdentityError("the centre answered with another CA than the token names; enrol again with a fresh token");
    saveIdentity(data, identity);
    logger.info({ tenant, site, agent, expires: new Date(identity.expiresMs).toISOString() }, "enrolled");
    return identity;
  } finally {
    control.close();
  }
}
