/** The conversation with a centre that answers, refuses and falls silent; the real one is met in test/e2e/agent.test.ts. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { IdentitySchema, RenewResponseSchema, ReportStatusResponseSchema, type SignedPolicy } from "@vedette/proto";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Centre, type Control, ControlError } from "./control.ts";
import { keepIdentity, loadIdentity, makeKeys, type StoredIdentity } from "./identity.ts";
import { createSession, type Session } from "./session.ts";
import { createFakeClock, type FakeClock } from "./testing/fake-clock.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The centre's own wall clock when the test begins, ms. */
const TRUE_NOW = 1_700_000_000_000;
const CERTIFICATE = Uint8Array.of(1);

let data: string;
let clock: FakeClock;
/** Centre minus agent, ms. */
let ahead: number;
let isDown: boolean;
let calls: string[];
let ends: AbortController;
let running: Promise<void>;
let session: Session;

const told = (expiresMs: number) =>
  create(IdentitySchema, {
    certificates: [CERTIFICATE],
    ca: CERTIFICATE,
    natsUserJwt: "jwt",
    natsUrls: ["nats://n"],
    expiresMs,
    policyKey: CERTIFICATE,
  });

/** By the centre's clock. */
const centreNow = () => clock.wall() + ahead;

function connect(centre: Centre, certificateEndsAt: () => number): Control {
  const refuse = () => {
    throw new ControlError(14, isDown ? "nobody there" : "certificate expired");
  };
  const admit = () => {
    if (isDown || (centre.certificate !== undefined && centreNow() >= certificateEndsAt())) refuse();
  };
  const renewed = () => create(RenewResponseSchema, { identity: told(centreNow() + DAY) });
  const idle = <T>(signal: AbortSignal) => new Promise<T>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  return {
    enroll: () => Promise.reject(new Error("enrolled already")),
    async renew() {
      calls.push("renew");
      admit();
      return renewed();
    },
    async renewBySignature() {
      calls.push("renew by signature");
      if (isDown) refuse();
      return renewed();
    },
    async *watchPolicy(_, signal) {
      admit();
      yield* await idle<SignedPolicy[]>(signal);
    },
    async nextTask(signal) {
      admit();
      return idle(signal);
    },
    async reportStatus() {
      calls.push("status");
      admit();
      return create(ReportStatusResponseSchema, { receivedMs: centreNow(), sentMs: centreNow() });
    },
    close: () => undefined,
  };
}

async function start(expiresMs: number): Promise<void> {
  const keys = await makeKeys();
  const base = { tenant: "t", site: "s", agent: "a", grpc: "127.0.0.1:1", key: keys.key, natsSeed: keys.natsSeed };
  const identity: StoredIdentity = keepIdentity(base, told(expiresMs), expiresMs - DAY);
  let endsAt = expiresMs;
  session = createSession({
    data,
    identity,
    clock,
    random: () => 0.5,
    logger: pino({ level: "silent" }),
    connect: (centre) => connect(centre, () => (endsAt = Math.max(endsAt, loadIdentity(data)?.expiresMs ?? 0))),
    report: () => ({}),
    onPolicy: () => undefined,
    onTask: () => undefined,
  });
  running = session.run(ends.signal);
}

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "vedette-session-"));
  clock = createFakeClock(TRUE_NOW);
  ahead = 0;
  isDown = false;
  calls = [];
  ends = new AbortController();
});
afterEach(async () => {
  ends.abort();
  await clock.advance(100_000);
  await running;
  rmSync(data, { recursive: true, force: true });
});

test("a certificate is renewed at half of its life, by the corrected clock", async () => {
  await start(TRUE_NOW + DAY);
  await clock.advance(HOUR);
  expect(calls).not.toContain("renew");
  // The agent's clock is set back; the centre's goes on.
  clock.step(-DAY);
  ahead += DAY;
  await clock.advance(12 * HOUR);
  expect(calls.filter((c) => c.startsWith("renew"))).toEqual(["renew"]);
  expect(session.offset.offset()?.offsetMs).toBe(DAY);
});

test("an agent whose clock is behind and whose certificate has ended meanwhile comes back by its enrolled key", async () => {
  // It was off for long, and its clock stood still.
  ahead = 30 * DAY;
  await start(TRUE_NOW + 20 * HOUR);
  await clock.advance(10 * 60_000);
  // When the first came, the wrong clock noted it; by the right one its half is over.
  expect(calls.filter((c) => c.startsWith("renew"))).toEqual(["renew by signature", "renew"]);
  expect(session.offset.offset()?.offsetMs).toBe(30 * DAY);
  expect(session.identity.expiresMs).toBeGreaterThan(TRUE_NOW + 30 * DAY);
});

test("a centre that was away makes nobody renew", async () => {
  await start(TRUE_NOW + DAY);
  await clock.advance(60_000);
  isDown = true;
  await clock.advance(HOUR);
  isDown = false;
  const before = calls.length;
  await clock.advance(10 * 60_000);
  expect(calls.slice(before).filter((c) => c.startsWith("renew"))).toEqual([]);
  expect(calls.slice(before)).toContain("status");
});
