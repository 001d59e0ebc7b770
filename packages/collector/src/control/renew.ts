/** Renew: a new certificate and NATS token for an agent that has a valid certificate, or that signs a nonce with its enrolled key. */
import { createPublicKey, verify } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type RenewRequest, type RenewResponseSchema, renewalBytes } from "@vedette/proto";
import type { Current } from "../document/view.ts";
import type { AgentIdentity } from "../keys/authority.ts";
import { ControlError } from "./control-error.ts";
import { identityMessage, issueCertificate } from "./identity.ts";
import { requireFreeKey, withKey } from "./nats-key.ts";
import { type AnyCall, addressOf, agentOf, requireEnrolled } from "./peer.ts";
import type { ControlContext } from "./types.ts";

const DAY_MS = 86_400_000;
/** How long after the end of its last certificate an agent may come back by its key alone. */
export const RETURN_MS = 90 * DAY_MS;
/** An unchanged agent is written again at most this often; the 90 days are that exact. */
const WRITE_MS = 7 * DAY_MS;

/** @throws ControlError */
export async function renew(
  cx: ControlContext,
  request: RenewRequest,
  call: AnyCall,
): Promise<MessageInitShape<typeof RenewResponseSchema>> {
  const identity = request.agent === undefined ? agentOf(call, cx) : signer(cx, request, request.agent, addressOf(call));
  if (!cx.rates.renew.take(identity.agent)) throw new ControlError("too-many", "renew: too many renewals of this agent; wait a minute");
  requireFreeKey(cx.log.view, request.natsUserKey, identity.agent);
  const issued = await issueCertificate(cx, request.csr, identity);
  const publicKey = issued.publicKey.toString("base64");
  await cx.log.append(identity.tenant, identity.agent, (view) => {
    const { body } = requireEnrolled(view, identity);
    requireFreeKey(view, request.natsUserKey, identity.agent);
    const natsUserKeys = withKey(body.natsUserKeys, request.natsUserKey, cx.now());
    const same = body.publicKey === publicKey && natsUserKeys === body.natsUserKeys;
    if (same && issued.expiresAt - body.certificateExpiresAt < WRITE_MS) return null;
    return { kind: "agent", id: identity.agent, body: { ...body, publicKey, natsUserKeys, certificateExpiresAt: issued.expiresAt } };
  });
  return { identity: await identityMessage(cx, identity, issued, request.natsUserKey) };
}

/** The agent whose enrolled key signed the request. @throws ControlError */
function signer(cx: ControlContext, request: RenewRequest, id: string, address: string): AgentIdentity {
  if (!cx.rates.nonce.take(address)) throw new ControlError("too-many", "renew: too many attempts from this address; wait a minute");
  const { nonce, signature, csr, natsUserKey } = request;
  if (nonce === undefined || signature === undefined)
    throw new ControlError("invalid", "nonce and signature: both are needed without a client certificate");
  const found = findAgent(cx, id);
  const proven =
    found !== null && cx.nonces.valid(id, nonce) && signedBy(found.body.publicKey, renewalBytes({ nonce, csr, natsUserKey }), signature);
  if (!proven)
    throw new ControlError(
      "unauthenticated",
      "signature: is not by the key that this agent enrolled, or its nonce is older than 2 minutes",
    );
  const identity = { tenant: found.tenant, site: found.body.site, agent: found.id };
  requireEnrolled(cx.log.view, identity);
  if (cx.now() > found.body.certificateExpiresAt + WRITE_MS + RETURN_MS) {
    throw new ControlError("forbidden", `agent ${id} was away for more than 90 days; enrol again with a new token`);
  }
  return identity;
}

function findAgent(cx: ControlContext, id: string): Current<"agent"> | null {
  for (const tenant of cx.log.view.tenants()) {
    const agent = cx.log.view.get(tenant, "agent", id);
    if (agent !== null) return agent;
  }
  return null;
}

function signedBy(publicKey: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  return verify("sha256", bytes, key, signature);
}
