/** The observation whose every change is a transition of clause 5.5.1.1: a camera's stream refuses, or shows itself to anybody. */
import { create } from "@bufbuild/protobuf";
import type { Draft } from "@vedette/agent/src/outbox/outbox.ts";
import { encodeFacts, Outcome, RtspDescribePostureSchema, RtspDescribeVolatileSchema, Tier } from "@vedette/proto";

export const CLAUSE = "5.5.1.1";
export const STREAM_PORT = 554;
const INTERVAL_MS = 3_600_000;

export interface StreamLook {
  /** Stands in the Server header: the observation's name in every store. */
  readonly mark: string;
  readonly address: string;
  readonly open: boolean;
  readonly wallMs: number;
}

export function streamObservation({ mark, address, open, wallMs }: StreamLook): { posture: Uint8Array; draft: Draft } {
  const path = open
    ? { path: "/stream", status: 200, describes: true, challenges: [], media: [{ kind: "video" }] }
    : { path: "/stream", status: 401, describes: false, challenges: [{ scheme: "digest", realm: "camera" }], media: [] };
  const facts = encodeFacts(
    "rtsp.describe",
    create(RtspDescribePostureSchema, { server: mark, methods: ["DESCRIBE", "OPTIONS"], paths: [path], randomPathStatus: 404 }),
    create(RtspDescribeVolatileSchema),
  );
  return {
    posture: facts.posture,
    draft: {
      probe: "rtsp.describe",
      probeVersion: 1,
      tier: Tier.POLITE,
      subject: { kind: { case: "endpoint", value: { address, transport: "tcp", port: STREAM_PORT } } },
      interface: "lo",
      wallMs,
      monotonicMs: wallMs,
      outcome: Outcome.IDENTIFIED,
      intervalMs: INTERVAL_MS,
      body: { case: "facts", value: facts },
    },
  };
}
