/** Certificate and NATS token of one agent, ending together. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { IdentitySchema } from "@vedette/proto";
import { type AgentIdentity, CsrError, type IssuedCertificate } from "../keys/authority.ts";
import { ControlError } from "./control-error.ts";
import type { ControlContext } from "./types.ts";

/** @throws ControlError "invalid" for a request that is none */
export async function issueCertificate(cx: ControlContext, csr: Uint8Array, identity: AgentIdentity): Promise<IssuedCertificate> {
  try {
    return await cx.keys.authority.issueAgent(csr, identity, cx.now());
  } catch (error) {
    if (error instanceof CsrError) throw new ControlError("invalid", error.message);
    throw error;
  }
}

export async function identityMessage(
  cx: ControlContext,
  identity: AgentIdentity,
  issued: IssuedCertificate,
  natsUserKey: string,
): Promise<MessageInitShape<typeof IdentitySchema>> {
  return {
    certificates: [issued.certificate],
    ca: cx.keys.authority.certificate,
    natsUserJwt: await cx.keys.nats.agentUser(identity, natsUserKey, issued.expiresAt),
    natsUrls: [...cx.natsUrls],
    expiresMs: issued.expiresAt,
    policyKey: cx.keys.policy.publicKey,
  };
}
