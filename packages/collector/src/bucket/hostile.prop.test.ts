/** Whatever facts an agent sends that ingest takes: the site is derived, its rows travel and are sound, and deriving again adds nothing. */
import { create, type DescField, type DescMessage, type MessageInitShape, ScalarType, toBinary } from "@bufbuild/protobuf";
import { FACTS, type FactsId, ObservationBatchSchema, Outcome, Tier } from "@vedette/proto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_DECISIONS, T0 } from "../../test/derive/recorder.ts";
import { isEmpty, NOTHING_STORED, tablesOf } from "../derive/index.ts";
import { epochBeginning } from "../ingest/clock.ts";
import { decodeBatch } from "../ingest/decode.ts";
import { toRow } from "../ingest/row.ts";
import { decodePart, encodeChangeset, joinParts } from "../log/changeset.ts";
import { compactOf } from "../store/compact.ts";
import { SiteWork } from "./site-work.ts";

const ADDRESS = { tenant: "t", site: "s", agent: "a" };
const EPOCH = "0".repeat(32);
const NASTY = [
  ...[
    "",
    " ",
    "\0",
    "\u001b[2J",
    "x".repeat(300),
    `${"x".repeat(127)}\u{1f4f7}`,
    "\u{1f4f7}".repeat(100),
    "\u202e",
    "__proto__",
    "constructor",
  ],
  ...["9999-12-31T23:59:59Z", "+275760-09-13T00:00:00.000Z", "-271821-04-20T00:00:00.000Z", "0000-00-00", "NaN", "1e999", "-1", "null"],
  ...["198.18.0.10", "::ffff:1.2.3.4", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "uuid:x", "1.3.6.1.4.1.368.4.3", "http://198.18.0.10/"],
  ...[
    "common",
    "full",
    "guard",
    "presence",
    "telnet",
    "ssh",
    "disk-full",
    "basic",
    "digest",
    "fail",
    "verdict|5.1.1.1",
    "a/b/1",
    "v=spf1;",
  ],
];
const text = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NASTY) }, fc.string({ unit: "binary", maxLength: 40 }));
const whole = fc.oneof(fc.constantFrom(0, 1, 2, 23, 80, 443, 554, 769, 771, 772, 0xffff, 2 ** 31 - 1), fc.nat(70_000));
const real = fc.oneof(fc.double(), fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -1e308, 8.64e15 + 1));

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 40 });
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return real;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return whole.map(BigInt);
    default:
      return whole;
  }
}

function fieldOf(field: DescField): fc.Arbitrary<unknown> {
  if (field.fieldKind === "scalar") return scalar(field.scalar);
  if (field.fieldKind === "message") return messageOf(field.message);
  if (field.fieldKind === "enum") return fc.constantFrom(...field.enum.values.map((v) => v.number));
  if (field.fieldKind === "list") {
    if (field.listKind === "message") return fc.array(messageOf(field.message), { maxLength: 4 });
    return field.listKind === "scalar" ? fc.array(scalar(field.scalar), { maxLength: 4 }) : fc.constant([]);
  }
  return fc.constant({});
}

function messageOf(schema: DescMessage): fc.Arbitrary<MessageInitShape<DescMessage>> {
  const fields = Object.fromEntries(schema.fields.map((field) => [field.localName, fieldOf(field)]));
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<MessageInitShape<DescMessage>>;
}

const factsOf = (probe: FactsId) =>
  fc.tuple(messageOf(FACTS[probe].posture), messageOf(FACTS[probe].volatile)).map(([posture, volatile]) => ({
    probe,
    posture: toBinary(FACTS[probe].posture as DescMessage, create(FACTS[probe].posture as DescMessage, posture)),
    volatile: toBinary(FACTS[probe].volatile as DescMessage, create(FACTS[probe].volatile as DescMessage, volatile)),
  }));

const address = fc.constantFrom("198.18.0.10", "198.18.0.11", "fe80::1");
const subject = fc.oneof(
  address.map((value) => ({ kind: { case: "host" as const, value: { address: value } } })),
  fc
    .record({ address, transport: fc.constantFrom("tcp", "udp"), port: fc.constantFrom(80, 443, 554) })
    .map((value) => ({ kind: { case: "endpoint" as const, value } })),
  fc.constant({ kind: { case: "bss" as const, value: { bssid: "02:00:00:00:00:01", ssid: "x" } } }),
  fc.constant({ kind: { case: "site" as const, value: {} } }),
);

const look = fc.record({
  facts: fc.constantFrom(...(Object.keys(FACTS) as FactsId[])).chain(factsOf),
  subject,
  outcome: fc.constantFrom(Outcome.IDENTIFIED, Outcome.IDENTIFIED, Outcome.NOT_IDENTIFIED, Outcome.UNREACHABLE, Outcome.UNDETERMINED),
  link: fc.constantFrom(undefined, "00:40:8c:00:00:01", "02:00:00:00:00:02"),
  wallMs: fc.constantFrom(0, T0, T0 + 60_000, Date.UTC(2200, 0, 1)),
  intervalMs: fc.constantFrom(0, 1, 60_000, 2 ** 32 - 1),
});

type Look = typeof look extends fc.Arbitrary<infer L> ? L : never;

function taken(looks: readonly Look[], offsetMs: number) {
  const batch = create(ObservationBatchSchema, {
    epoch: EPOCH,
    epochCreatedMs: T0,
    agentVersion: "x",
    clock: { wallMs: T0, monotonicMs: 0, bootId: "b", offsetMs, uncertaintyMs: 0 },
    observations: looks.map(({ facts: { probe, posture, volatile }, link, ...rest }, i) => ({
      ...rest,
      seq: i + 1,
      probe,
      probeVersion: 1,
      tier: Tier.POLITE,
      ...(link === undefined ? {} : { linkAddress: link }),
      body: { case: "facts" as const, value: { posture, volatile } },
    })),
  });
  const decoded = decodeBatch(toBinary(ObservationBatchSchema, batch), null);
  return decoded.accepted.map((accepted, i) => {
    const row = { ...toRow(ADDRESS, decoded, accepted), stored_at: new Date(T0 + 100_000 + i * 1_000).toISOString() };
    return compactOf(row, epochBeginning(decoded, T0 + 100_000));
  });
}

test("whatever an agent sends is derived, and derived again it is the same", { timeout: 60_000 }, () => {
  let rows = 0;
  fc.assert(
    fc.property(fc.array(look, { minLength: 1, maxLength: 12 }), fc.constantFrom(0, 5, -T0, -Date.UTC(2200, 0, 1)), (looks, offsetMs) => {
      const observations = taken(looks, offsetMs);
      const work = new SiteWork("t", "s", NOTHING_STORED);
      for (const o of observations) work.add(o);
      for (const at of [T0 + 200_000, T0 + 900_000, T0 + 40 * 86_400_000]) {
        const step = work.derive(NO_DECISIONS, at);
        expect(step).not.toBeNull();
        if (step === null) return;
        const tables = tablesOf(step.rows);
        const sent = { bucket: 1, era: 1, seq: 1, recordedAt: at, derivedThrough: at, code: "c", tables };
        const got = joinParts(encodeChangeset(sent, 4_000).map(decodePart));
        for (const { table, rows: own } of got?.tables ?? []) for (const row of own) expectSound(table, row);
        rows += tables.reduce((sum, t) => sum + t.rows.length, 0);
        work.applied(step, at);
        expect(isEmpty(work.deriveAnew(NO_DECISIONS, at).rows)).toBe(true);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(rows).toBeGreaterThan(1_000);
});

const COLUMN_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TIMES = new Set(["at", "from", "observed_at", "first_seen_at", "last_seen_at", "vanished_at"]);

/** What a column takes: whole characters, and times from 1970 to 2299. */
function expectSound(table: string, row: Readonly<Record<string, unknown>>): void {
  for (const [column, value] of Object.entries(row)) {
    if (typeof value !== "string") continue;
    if (!value.isWellFormed()) throw new Error(`${table}.${column} has half a character: ${JSON.stringify(value).slice(0, 200)}`);
    if (TIMES.has(column) && !(COLUMN_TIME.test(value) && value >= "1970" && value < "2300"))
      throw new Error(`${table}.${column} is ${value}`);
  }
}
