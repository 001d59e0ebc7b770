/** Generators of what agents send: fast-check arbitraries. */
import { create } from "@bufbuild/protobuf";
import { encodeFacts, HttpRootPostureSchema, HttpRootVolatileSchema, Outcome, Tier } from "@vedette/proto";
import fc from "fast-check";
import type { ObservationInit } from "./batch.ts";

const address = fc.integer({ min: 1, max: 254 }).map((n) => `127.18.0.${n}`);
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join(":"));

const subject = fc.oneof(
  fc.record({ address, transport: fc.constantFrom("tcp", "udp"), port: fc.integer({ min: 1, max: 65_535 }) }).map((value) => ({
    kind: { case: "endpoint" as const, value },
  })),
  address.map((a) => ({ kind: { case: "host" as const, value: { address: a } } })),
  fc
    .record({ bssid: mac, ssid: fc.string({ unit: "grapheme", maxLength: 32 }) })
    .map((value) => ({ kind: { case: "bss" as const, value } })),
);

const facts = fc
  .record({
    tls: fc.boolean(),
    status: fc.integer({ min: 100, max: 599 }),
    server: fc.string({ maxLength: 40 }),
    title: fc.string({ unit: "grapheme", maxLength: 80 }),
  })
  .map((posture) => ({
    case: "facts" as const,
    value: encodeFacts("http.root", create(HttpRootPostureSchema, posture), create(HttpRootVolatileSchema)),
  }));

/** An observation that ingest takes, but for its seq. */
export const observation: fc.Arbitrary<ObservationInit> = fc.oneof(
  fc.record({
    probe: fc.constant("http.root"),
    probeVersion: fc.integer({ min: 1, max: 9 }),
    tier: fc.constantFrom(Tier.PASSIVE, Tier.POLITE),
    subject,
    interface: fc.constantFrom("lo", "eth0"),
    wallMs: fc.double({ min: 1.7e12, max: 1.8e12, noNaN: true }),
    monotonicMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    outcome: fc.constant(Outcome.IDENTIFIED),
    body: facts,
    intervalMs: fc.integer({ min: 1_000, max: 86_400_000 }),
  }),
  fc.record({
    probe: fc.constantFrom("tcp.connect", "tls.handshake"),
    probeVersion: fc.constant(1),
    tier: fc.constant(Tier.POLITE),
    subject,
    interface: fc.constant("lo"),
    wallMs: fc.double({ min: 1.7e12, max: 1.8e12, noNaN: true }),
    monotonicMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    outcome: fc.constantFrom(Outcome.UNREACHABLE, Outcome.UNDETERMINED, Outcome.NOT_IDENTIFIED),
    fault: fc.constant({ phase: "connect", code: "timeout", message: "no answer within 2 s" }),
    intervalMs: fc.integer({ min: 1_000, max: 86_400_000 }),
  }),
);
