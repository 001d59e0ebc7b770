/** Observations and batches as an agent sends them, for tests. */
import { createHash, randomBytes } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { headers, type MsgHdrs } from "@nats-io/transport-node";
import {
  encodeFacts,
  HEADER,
  HttpRootPostureSchema,
  HttpRootVolatileSchema,
  type ObservationBatch,
  ObservationBatchSchema,
  type ObservationSchema,
  Outcome,
  TcpConnectPostureSchema,
  TcpConnectVolatileSchema,
  Tier,
} from "@vedette/proto";

/** What an observation is made from; its seq comes with its place in a batch. */
export type ObservationInit = Omit<MessageInitShape<typeof ObservationSchema>, "$typeName" | "$unknown" | "seq">;

export function newEpoch(): string {
  return randomBytes(16).toString("hex");
}

/** One look at a web server that answered with this status. */
export function httpObservation(seq: number, status = 200, wallMs = Date.now()): ObservationInit & { seq: number } {
  const { posture, volatile } = encodeFacts("http.root", create(HttpRootPostureSchema, { status }), create(HttpRootVolatileSchema));
  return {
    ...look(seq, wallMs),
    body: { case: "facts", value: { posture, volatile } },
    evidence: [{ label: "response head", content: Buffer.from(`HTTP/1.1 ${status} OK\r\n`), truncated: false }],
  };
}

/** One look at the guard ports of a host: telnet open or not. */
export function guardObservation(address: string, telnet: boolean, wallMs = Date.now()): ObservationInit {
  const covered = [
    { first: 23, last: 23 },
    { first: 80, last: 80 },
  ];
  const open = [...(telnet ? [{ port: 23, protocol: "telnet" }] : []), { port: 80 }];
  const { posture, volatile } = encodeFacts(
    "tcp.connect",
    create(TcpConnectPostureSchema, { list: "guard", covered, open }),
    create(TcpConnectVolatileSchema),
  );
  const { seq: _seq, ...rest } = look(0, wallMs);
  return {
    ...rest,
    probe: "tcp.connect",
    subject: { kind: { case: "host" as const, value: { address } } },
    body: { case: "facts", value: { posture, volatile } },
    intervalMs: 3_600_000,
  };
}

/** "Still the same as that one." */
export function confirmation(
  seq: number,
  base: { epoch: string; seq: number; status?: number },
  wallMs = Date.now(),
): ObservationInit & { seq: number } {
  const { posture } = encodeFacts(
    "http.root",
    create(HttpRootPostureSchema, { status: base.status ?? 200 }),
    create(HttpRootVolatileSchema),
  );
  const hash = createHash("sha256").update(posture).digest();
  return { ...look(seq, wallMs), body: { case: "confirm", value: { hash, epoch: base.epoch, seq: base.seq, intervalMs: 60_000 } } };
}

function look(seq: number, wallMs: number) {
  return {
    seq,
    probe: "http.root",
    probeVersion: 1,
    tier: Tier.POLITE,
    subject: { kind: { case: "endpoint" as const, value: { address: "127.18.0.4", transport: "tcp", port: 8080 } } },
    interface: "lo",
    wallMs,
    monotonicMs: 1_000 + seq,
    outcome: Outcome.IDENTIFIED,
    intervalMs: 60_000,
  };
}

export interface SentBatch {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly bytes: Uint8Array;
  readonly headers: MsgHdrs;
}

export function batchHeaders(epoch: string, first: number, last: number): MsgHdrs {
  const h = headers();
  h.set(HEADER.epoch, epoch);
  h.set(HEADER.first, String(first));
  h.set(HEADER.last, String(last));
  return h;
}

export function batchOf(
  epoch: string,
  observations: readonly (ObservationInit & { seq: number })[],
  more: Partial<Pick<ObservationBatch, "epochCreatedMs" | "agentVersion">> & { offsetMs?: number } = {},
): SentBatch {
  const { offsetMs = 5, epochCreatedMs = Date.now() - 60_000, agentVersion = "0.1.0" } = more;
  const bytes = toBinary(
    ObservationBatchSchema,
    create(ObservationBatchSchema, {
      epoch,
      epochCreatedMs,
      agentVersion,
      clock: { wallMs: Date.now(), monotonicMs: 5_000, bootId: "boot", offsetMs, uncertaintyMs: 2 },
      observations: [...observations],
    }),
  );
  const first = observations[0]?.seq ?? 0;
  const last = observations.at(-1)?.seq ?? 0;
  return { epoch, first, last, bytes, headers: batchHeaders(epoch, first, last) };
}
