/** ReportStatus: how the agent fares; the answer carries our clock, from which it measures its offset (as RFC 5905 does). */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ReportStatusRequest, ReportStatusResponseSchema } from "@vedette/proto";
import type { AgentIdentity } from "../keys/authority.ts";
import { printable } from "./printable.ts";
import type { ControlContext } from "./types.ts";

export function reportStatus(
  cx: ControlContext,
  identity: AgentIdentity,
  request: ReportStatusRequest,
): MessageInitShape<typeof ReportStatusResponseSchema> {
  const receivedMs = cx.now();
  cx.presence.heard(identity, {
    agentVersion: printable(request.agentVersion, 64),
    epoch: printable(request.epoch, 64),
    outboxDepth: request.outboxDepth,
    outboxBytes: request.outboxBytes,
    oldestUnreceiptedMs: request.oldestUnreceiptedMs,
    policyVersion: request.policyVersion,
    hostsKnown: request.hostsKnown,
    endpointsKnown: request.endpointsKnown,
    tasksDue: request.tasksDue,
    residentKib: request.residentBytesKib,
    clockOffsetMs: request.wallMs - receivedMs,
  });
  return { receivedMs, sentMs: cx.now() };
}
