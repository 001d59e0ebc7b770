import { createHash } from "node:crypto";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  AgentGapPostureSchema,
  AgentGapVolatileSchema,
  encodeFacts,
  GAP,
  HttpRootPostureSchema,
  HttpRootVolatileSchema,
  ObservationBatchSchema,
  ObservationSchema,
  Outcome,
  Tier,
} from "@vedette/proto";
import { describe, expect, it } from "vitest";
import { BatchError, decodeBatch, MAX_BATCH_BYTES, parseClaim } from "./decode.ts";
import { toRow } from "./row.ts";

type ObservationInit = Omit<MessageInitShape<typeof ObservationSchema>, "$typeName" | "$unknown">;
type BatchInit = Omit<MessageInitShape<typeof ObservationBatchSchema>, "$typeName" | "$unknown">;

const EPOCH = "0123456789abcdef0123456789abcdef";
const FACTS = encodeFacts("http.root", create(HttpRootPostureSchema, { status: 200 }), create(HttpRootVolatileSchema));
const HASH = createHash("sha256").update(FACTS.posture).digest();

function observation(seq: number, more: Partial<ObservationInit> = {}): ObservationInit {
  return {
    seq,
    probe: "http.root",
    probeVersion: 1,
    tier: Tier.POLITE,
    subject: { kind: { case: "endpoint", value: { address: "127.18.0.4", transport: "tcp", port: 80 } } },
    interface: "eth0",
    wallMs: 1.75e12,
    monotonicMs: 5,
    outcome: Outcome.IDENTIFIED,
    intervalMs: 60_000,
    body: { case: "facts", value: FACTS },
    ...more,
  };
}

function encode(observations: ObservationInit[], more: BatchInit = {}): Uint8Array {
  const clock = { wallMs: 1.75e12, monotonicMs: 5, bootId: "b", offsetMs: 1, uncertaintyMs: 1 };
  return toBinary(
    ObservationBatchSchema,
    create(ObservationBatchSchema, { epoch: EPOCH, epochCreatedMs: 1.7e12, agentVersion: "1", clock, observations, ...more }),
  );
}

const reason = (more: Partial<ObservationInit>) => decodeBatch(encode([observation(1, more)]), null).refused[0]?.reason;

describe("a batch", () => {
  it("gives its observations with the hash of their bytes as they came", () => {
    const batch = decodeBatch(encode([observation(7), observation(8)]), { epoch: EPOCH, first: 7, last: 8 });
    expect(batch).toMatchObject({ first: 7, last: 8, refused: [] });
    const bytes = toBinary(ObservationSchema, create(ObservationSchema, observation(7)));
    expect(batch.accepted[0]?.contentHash).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(batch.accepted[0]?.facts?.hash).toBe(HASH.toString("hex"));
    expect(JSON.parse(batch.accepted[0]?.facts?.json ?? "")).toMatchObject({ status: 200 });
  });

  it.each([
    ["empty", encode([]), /empty/],
    ["with a gap", encode([observation(1), observation(3)]), /contiguous/],
    ["that repeats a seq", encode([observation(1), observation(1)]), /contiguous/],
    ["from seq 0", encode([observation(0)]), /out of range/],
    ["beyond the last seq", encode([observation(2 ** 32 - 1), observation(2 ** 32 - 1)]), /out of range/],
    ["with a bad epoch", encode([observation(1)], { epoch: "xyz" }), /epoch/],
    [
      "without a clock",
      toBinary(ObservationBatchSchema, create(ObservationBatchSchema, { epoch: EPOCH, epochCreatedMs: 1, observations: [observation(1)] })),
      /clock/,
    ],
    ["with a clock that is no number", encode([observation(1)], { clock: { wallMs: Number.NaN, monotonicMs: 1 } }), /wall_ms/],
    ["with an offset without end", encode([observation(1)], { clock: { wallMs: 1, monotonicMs: 1, offsetMs: Infinity } }), /offset_ms/],
    ["of 501", encode(Array.from({ length: 501 }, (_, i) => observation(i + 1, { body: { case: undefined } }))), /501/],
    ["too large", new Uint8Array(MAX_BATCH_BYTES + 1), /bytes/],
    ["of noise", Uint8Array.from([0xff, 0xff, 0xff]), /not an ObservationBatch/],
  ])("%s is refused as a whole", (_, bytes, message) => {
    expect(() => decodeBatch(bytes, null)).toThrow(BatchError);
    expect(() => decodeBatch(bytes, null)).toThrow(message);
  });

  it("whose headers say something else is refused", () => {
    expect(() => decodeBatch(encode([observation(1)]), { epoch: EPOCH, first: 1, last: 2 })).toThrow(/headers/);
  });
});

describe("an observation", () => {
  it.each<[string, Partial<ObservationInit>, string]>([
    ["of an unknown probe", { probe: "constructor" }, "probe is not known"],
    ["of probe version 0", { probeVersion: 0 }, "probe_version is out of range"],
    ["without tier", { tier: Tier.UNSPECIFIED }, "tier is not known"],
    ["of an unknown tier", { tier: 99 as Tier }, "tier is not known"],
    ["without outcome", { outcome: Outcome.UNSPECIFIED }, "outcome is not known"],
    ["without subject", { subject: { kind: { case: undefined } } }, "subject is missing"],
    [
      "of a host name",
      { subject: { kind: { case: "host", value: { address: "camera.local" } } } },
      "subject.address is not a canonical IP address",
    ],
    [
      "of an address in capitals",
      { subject: { kind: { case: "host", value: { address: "FE80::1" } } } },
      "subject.address is not a canonical IP address",
    ],
    [
      "of a mapped address",
      { subject: { kind: { case: "host", value: { address: "::ffff:102:304" } } } },
      "subject.address is not a canonical IP address",
    ],
    [
      "of port 0",
      { subject: { kind: { case: "endpoint", value: { address: "::1", transport: "tcp", port: 0 } } } },
      "subject.port is out of range",
    ],
    [
      "of another transport",
      { subject: { kind: { case: "endpoint", value: { address: "::1", transport: "sctp", port: 1 } } } },
      "subject.transport must be tcp or udp",
    ],
    ["with a bad link address", { linkAddress: "00-11-22-33-44-55" }, "link_address is not a link address"],
    ["from the far future", { wallMs: 1e300 }, "wall_ms is out of range"],
    ["with too much evidence", { evidence: [{ label: "x", content: new Uint8Array(16 * 1024 + 1) }] }, "evidence is larger than 16 KiB"],
    [
      "with another probe's facts",
      { body: { case: "facts", value: { posture: Uint8Array.from([255]), volatile: new Uint8Array() } } },
      "facts are not those of http.root",
    ],
    [
      "confirming with a short hash",
      { body: { case: "confirm", value: { hash: new Uint8Array(31), epoch: EPOCH, seq: 1 } } },
      "confirm.hash is not a SHA-256",
    ],
    [
      "confirming itself",
      { body: { case: "confirm", value: { hash: HASH, epoch: EPOCH, seq: 1 } } },
      "confirm names an observation that is not before it",
    ],
  ])("%s is refused alone", (_, more, expected) => {
    expect(reason(more)).toBe(expected);
    const mixed = decodeBatch(encode([observation(1, more), observation(2)]), null);
    expect(mixed.accepted.map((a) => a.observation.seq)).toEqual([2]);
  });

  it("becomes one row with everything it says", () => {
    const body: ObservationInit["body"] = { case: "confirm", value: { hash: HASH, epoch: "f".repeat(32), seq: 9, intervalMs: 3_600_000 } };
    const batch = decodeBatch(
      encode([observation(1), observation(2, { body, fault: { phase: "tls", code: "reset", message: "m" } })]),
      null,
    );
    const rows = batch.accepted.map((a) => toRow({ tenant: "t", site: "s", agent: "a" }, batch, a));
    expect(rows[0]).toMatchObject({
      seq: 1,
      subject_kind: "endpoint",
      tier: "polite",
      facts_hash: HASH.toString("hex"),
      confirm_epoch: "",
      interval_ms: 60_000,
    });
    expect(Buffer.from(rows[0]?.posture ?? "", "base64")).toEqual(Buffer.from(FACTS.posture));
    expect(rows[1]).toMatchObject({
      confirm_epoch: "f".repeat(32),
      confirm_seq: 9,
      facts: "",
      interval_ms: 3_600_000,
      fault_code: "reset",
      facts_hash: HASH.toString("hex"),
    });
  });
});

it("takes link-local addresses with their interface", () => {
  expect(reason({ subject: { kind: { case: "host", value: { address: "fe80::1%eth0" } } } })).toBeUndefined();
});

it("reads the claim of the headers, or none", () => {
  expect(parseClaim(EPOCH, "1", "20")).toEqual({ epoch: EPOCH, first: 1, last: 20 });
  for (const [epoch, first, last] of [
    ["", "1", "2"],
    [EPOCH, "0", "2"],
    [EPOCH, "3", "2"],
    [EPOCH, "1", "4294967296"],
    [EPOCH, "1e1", "20"],
    [EPOCH, "", ""],
  ]) {
    expect(parseClaim(epoch ?? "", first ?? "", last ?? "")).toBeNull();
  }
});

it("takes a gap record like any other facts, and its row says so", () => {
  const posture = create(AgentGapPostureSchema, { reason: "size", epoch: EPOCH, ranges: [{ first: 2, last: 9 }], confirmations: 8 });
  const gap: ObservationInit = {
    ...observation(12),
    probe: GAP,
    subject: { kind: { case: "site", value: {} } },
    body: { case: "facts", value: encodeFacts(GAP, posture, create(AgentGapVolatileSchema)) },
  };
  const batch = decodeBatch(encode([gap]), null);
  expect(batch.refused).toEqual([]);
  const row = toRow({ tenant: "t", site: "s", agent: "a" }, batch, batch.accepted[0] as (typeof batch.accepted)[0]);
  expect(row).toMatchObject({ probe: "agent.gap", subject_kind: "site" });
  expect(JSON.parse(row.facts)).toMatchObject({
    reason: "size",
    epoch: EPOCH,
    ranges: [{ first: 2, last: 9 }],
    confirmations: 8,
    changes: 0,
  });
});
