import { create, fromBinary } from "@bufbuild/protobuf";
import {
  encodeFacts,
  HttpRootPostureSchema,
  HttpRootVolatileSchema,
  type Observation,
  ObservationSchema,
  Outcome,
  ReceiptSchema,
} from "@vedette/proto";
import { beforeEach, expect, test } from "vitest";
import { type Cadence, createObserver, MISSES_TOLD, type Observer } from "./observe.ts";
import { createMemoryOutbox } from "./outbox/memory.ts";
import { type Outbox, RANK } from "./outbox/outbox.ts";
import type { Look } from "./run.ts";
import { full } from "./testing/outbox.ts";

const HOUR = 3600_000;
const HOURLY: Cadence = { intervalMs: HOUR, confirmMs: HOUR };
const MINUTELY: Cadence = { intervalMs: 60_000, confirmMs: HOUR };

let now = 0;
let outbox: Outbox;
let observer: Observer;
let refused: string[];

beforeEach(() => {
  now = 1_000_000;
  refused = [];
  outbox = createMemoryOutbox({ now: () => now });
  observer = createObserver({ outbox, now: () => now, boot: 7, onRefused: (_, cause) => refused.push(cause.name) });
});

test("each observation says from which boot its monotonic time counts", () => {
  observer.report(look("a"), HOURLY);
  expect(told().map((o) => o.boot)).toEqual([7]);
});

function look(server: string, more: Partial<Look> = {}): Look {
  const facts = { posture: create(HttpRootPostureSchema, { server }), volatile: create(HttpRootVolatileSchema, { bodyBytes: now % 1000 }) };
  return {
    probe: "http.root",
    probeVersion: 1,
    tier: "polite",
    subject: { kind: "endpoint", address: "192.0.2.7", transport: "tcp", port: 80 },
    interface: "eth0",
    wallMs: now,
    monotonicMs: now,
    outcome: "identified",
    facts,
    encoded: encodeFacts("http.root", facts.posture, facts.volatile),
    evidence: [{ label: "head", content: Uint8Array.of(1, 2, 3), truncated: false }],
    cost: { connections: 1, bytesIn: 1, bytesOut: 1, durationMs: 1 },
    notes: [],
    ...more,
  };
}

function failed(outcome: "unreachable" | "not-identified" | "undetermined"): Look {
  const { facts: _, encoded: __, ...rest } = look("");
  return { ...rest, outcome, fault: { phase: "connect", code: "timeout", message: "The deadline passed." } };
}

function told(): Observation[] {
  return (outbox.batch(0)?.observations ?? []).map((o) => fromBinary(ObservationSchema, o));
}

test("the first look tells its facts, the same again a confirmation that names them", () => {
  expect(observer.report(look("a"), HOURLY)).toEqual({ decision: "facts", changed: false, first: true });
  now += HOUR;
  expect(observer.report(look("a"), HOURLY)).toEqual({ decision: "confirm", changed: false, first: false });
  const [facts, confirm] = told();
  expect(facts).toMatchObject({ seq: 1, intervalMs: HOUR, outcome: Outcome.IDENTIFIED, body: { case: "facts" } });
  expect(facts?.evidence).toHaveLength(1);
  expect(confirm).toMatchObject({
    seq: 2,
    body: { case: "confirm", value: { epoch: outbox.epoch.id, seq: 1, intervalMs: HOUR } },
    evidence: [],
  });
});

test("volatile facts alone are no change", () => {
  observer.report(look("a"), HOURLY);
  now += HOUR + 1;
  expect(observer.report(look("a"), HOURLY).decision).toBe("confirm");
});

test("a change is told at once, in full", () => {
  observer.report(look("a"), MINUTELY);
  now += 60_000;
  expect(observer.report(look("b"), MINUTELY)).toMatchObject({ decision: "facts", changed: true });
});

test("looks faster than the confirm interval that find nothing new are told once in it", () => {
  const decisions: string[] = [];
  for (let minute = 0; minute <= 130; minute++) {
    decisions.push(observer.report(look("a"), MINUTELY).decision);
    now += 60_000;
  }
  expect(decisions.filter((d) => d !== "silent")).toEqual(["facts", "confirm", "confirm"]);
  expect(told().map((o) => o.intervalMs)).toEqual([HOUR, HOUR, HOUR]);
});

test("facts go out again after a day", () => {
  observer.report(look("a"), HOURLY);
  const decisions: string[] = [];
  for (let hour = 1; hour <= 25; hour++) {
    now += HOUR;
    decisions.push(observer.report(look("a"), HOURLY).decision);
  }
  expect(decisions.indexOf("facts")).toBe(23);
  expect(decisions.filter((d) => d === "facts")).toHaveLength(1);
});

test("a wall clock that is set back by a day keeps nothing untold, and set forward it tells nothing twice", () => {
  observer.report(look("a"), HOURLY);
  now -= 24 * HOUR;
  expect(observer.report(look("a"), HOURLY).decision).toBe("facts");
  now += 60_000;
  expect(observer.report(look("a"), MINUTELY).decision).toBe("silent");
  now += 48 * HOUR;
  expect(observer.report(look("a"), HOURLY).decision).toBe("facts");
  now += HOUR;
  expect(observer.report(look("a"), HOURLY).decision).toBe("confirm");
});

test("facts go out again where a receipt asks, and in a new epoch", () => {
  observer.report(look("a"), HOURLY);
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 1, last: 1 }] }));
  now += HOUR;
  observer.report(look("a"), HOURLY);
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 2, last: 2 }], needFacts: [2] }));
  now += HOUR;
  expect(observer.report(look("a"), HOURLY)).toMatchObject({ decision: "facts", changed: false });
  outbox.renewEpoch();
  now += HOUR;
  expect(observer.report(look("a"), HOURLY)).toMatchObject({ decision: "facts", changed: false });
});

test("each of three missed looks is told, further ones once per confirm interval, and the return at once", () => {
  observer.report(look("a"), MINUTELY);
  const decisions: string[] = [];
  for (let i = 0; i < 6; i++) {
    now += 60_000;
    decisions.push(observer.report(failed("unreachable"), MINUTELY).decision);
  }
  expect(decisions).toEqual(["outcome", "outcome", "outcome", "silent", "silent", "silent"]);
  now += HOUR;
  expect(observer.report(failed("unreachable"), MINUTELY).decision).toBe("outcome");
  now += 60_000;
  // The same facts as before: a confirmation says it.
  expect(observer.report(look("a"), MINUTELY)).toMatchObject({ decision: "confirm", changed: true });
});

test("what never answered is told once in a confirm interval", () => {
  expect(observer.report(failed("unreachable"), MINUTELY)).toMatchObject({ decision: "outcome", first: true });
  now += 60_000;
  expect(observer.report(failed("unreachable"), MINUTELY).decision).toBe("silent");
  now += HOUR;
  expect(observer.report(failed("unreachable"), MINUTELY).decision).toBe("outcome");
});

test("a look that could not tell is told once per confirm interval and changes nothing", () => {
  observer.report(look("a"), MINUTELY);
  now += 60_000;
  expect(observer.report(failed("undetermined"), MINUTELY)).toMatchObject({ decision: "outcome", changed: false });
  now += 60_000;
  expect(observer.report(failed("undetermined"), MINUTELY).decision).toBe("silent");
  now += 60_000;
  expect(observer.report(look("a"), MINUTELY)).toMatchObject({ decision: "silent", changed: false });
});

test("half of what was known whole could not tell; half of what was never seen whole is told", () => {
  const reset = { fault: { phase: "response", code: "reset", message: "The peer reset the connection." } } as const;
  expect(observer.report(look("half", reset), HOURLY).decision).toBe("facts");
  now += HOUR;
  expect(observer.report(look("other half", reset), HOURLY)).toMatchObject({ decision: "facts", changed: true });
  now += HOUR;
  expect(observer.report(look("whole"), HOURLY).decision).toBe("facts");
  now += HOUR;
  expect(observer.report(look("half", reset), HOURLY)).toMatchObject({ decision: "outcome", changed: false });
  expect(told().at(-1)).toMatchObject({ outcome: Outcome.UNDETERMINED, body: { case: undefined }, fault: { code: "reset" } });
  now += HOUR;
  expect(observer.report(look("whole"), HOURLY)).toMatchObject({ decision: "confirm", changed: false });
});

test("what is asked for is told whatever was told before", () => {
  observer.report(look("a"), MINUTELY);
  now += 1000;
  expect(observer.report(look("a"), { ...MINUTELY, forced: true }).decision).toBe("confirm");
});

test("what a full outbox refused is told by the next look", () => {
  outbox = full(() => createMemoryOutbox({ now: () => now, maxBytes: 300_000 }));
  observer = createObserver({ outbox, now: () => now, onRefused: (_, cause) => refused.push(cause.name) });
  // Worth less than the changes that fill it.
  const undecided = { ...failed("undetermined"), evidence: [{ label: "head", content: new Uint8Array(16_000), truncated: false }] };
  expect(observer.report(undecided, HOURLY).decision).toBe("refused");
  expect(observer.report(undecided, HOURLY).decision).toBe("refused");
  expect(refused).toEqual(["OutboxFullError", "OutboxFullError"]);
  outbox.apply(create(ReceiptSchema, { epoch: outbox.epoch.id, stored: [{ first: 1, last: outbox.end }] }));
  expect(observer.report(undecided, HOURLY).decision).toBe("outcome");
});

test("confirmations are given up before outcomes that repeat, and changes last", () => {
  const ranks: number[] = [];
  const recording: Outbox = {
    ...outbox,
    append(entries) {
      ranks.push(...entries.map((e) => e.rank));
      return outbox.append(entries);
    },
  };
  observer = createObserver({ outbox: recording, now: () => now, onRefused: (_, cause) => refused.push(cause.name) });
  const hourly = (l: Look) => {
    now += HOUR;
    observer.report(l, HOURLY);
  };
  for (const l of [look("a"), look("a"), look("b"), failed("undetermined")]) hourly(l);
  for (let i = 0; i <= MISSES_TOLD; i++) hourly(failed("unreachable"));
  expect(ranks).toEqual([RANK.change, RANK.confirmation, RANK.change, RANK.outcome, RANK.change, RANK.change, RANK.change, RANK.outcome]);
});
