/** Who calls: the certificate that TLS has proven, checked again by us, and the documents that may have cut it since. */
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import type { Current, DocumentView } from "../document/view.ts";
import type { AgentIdentity } from "../keys/authority.ts";
import { ControlError } from "./control-error.ts";
import type { ControlContext } from "./types.ts";

export type AnyCall = Pick<ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>, "getAuthContext" | "getPeer">;

/** Address of the peer without its port: what rates are counted by. */
export function addressOf(call: AnyCall): string {
  const peer = call.getPeer();
  const end = peer.lastIndexOf(":");
  return end <= 0 ? peer : peer.slice(0, end);
}

/** @throws ControlError "unauthenticated" without a certificate of ours in force, "forbidden" for an agent that was cut */
export function agentOf(call: AnyCall, cx: ControlContext): AgentIdentity {
  const der = call.getAuthContext().sslPeerCertificate?.raw;
  const peer = der === undefined ? null : cx.keys.authority.identify(der, cx.now());
  if (peer === null)
    throw new ControlError("unauthenticated", "client certificate: missing, expired or not of this installation; renew or enrol again");
  requireEnrolled(cx.log.view, peer.identity);
  return peer.identity;
}

/** @throws ControlError "forbidden" */
export function requireEnrolled(view: DocumentView, identity: AgentIdentity): Current<"agent"> {
  const agent = view.get(identity.tenant, "agent", identity.agent);
  if (agent === null || agent.body.site !== identity.site || view.get(identity.tenant, "revocation", identity.agent) !== null) {
    throw new ControlError("forbidden", `agent ${identity.agent} was revoked; enrol again with a new token`);
  }
  return agent;
}
