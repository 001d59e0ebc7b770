import { expect, it } from "vitest";
import { type Decisions, NOTHING_STORED, type StoredObservation } from "../derive/index.ts";
import { SiteWork } from "./site-work.ts";

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const NO_DECISIONS: Decisions = { profiles: [], memberships: [], names: [], attestations: [], overrules: [] };
const EPOCH = "a".repeat(32);
const HASH = "7".repeat(64);

const FACTS = {
  tls: false,
  status: 200,
  server: "",
  title: "",
  redirect: "",
  redirectsToHttps: false,
  challenges: [],
  loginForm: false,
  securityHeaders: [],
  contentType: "",
};

/** A look a second: the first tells facts, the others confirm them. */
function look(seq: number): StoredObservation {
  const at = T0 + seq * 1_000;
  return {
    agent: "agent-1",
    epoch: EPOCH,
    epochCreatedAt: T0,
    seq,
    contentHash: seq.toString(16).padStart(16, "0").padEnd(64, "0"),
    probe: "http.root",
    probeVersion: 1,
    tier: "polite",
    subject: { kind: "endpoint", address: "127.43.0.1", transport: "tcp", port: 80 },
    linkAddress: null,
    interface: "lo",
    wallAt: at,
    uncertaintyMs: 1,
    storedAt: at + 100,
    outcome: "identified",
    fault: null,
    facts: seq === 1 ? FACTS : null,
    factsHash: HASH,
    confirm: seq === 1 ? null : { epoch: EPOCH, seq: 1, hash: HASH },
    intervalMs: MINUTE,
  };
}

function advance(work: SiteWork, from: number, to: number): void {
  for (let seq = from; seq <= to; seq++) work.add(look(seq));
  const at = T0 + to * 1_000 + 500;
  const step = work.derive(NO_DECISIONS, at);
  if (step === null) throw new Error("everything would have to be read again");
  work.applied(step, at);
}

it("knows what it put out of memory when it is read again, and holds a bounded number whatever comes", () => {
  const work = new SiteWork("t", "s", NOTHING_STORED);
  for (let from = 1; from < 6_000; from += 100) advance(work, from, from + 99);
  work.release();
  expect(work.observationCount).toBeLessThan(70);
  expect(work.has(look(5_700))).toBe(true);
  // Ten minutes back, as a reading of the whole overlap has it.
  for (let seq = 5_401; seq <= 6_000; seq++) expect(work.add(look(seq))).toBe(null);
  advance(work, 6_001, 6_100);
  expect(work.steps.whole).toBeLessThanOrEqual(2);
});

it("reads everything again for what was never seen and comes late", () => {
  const work = new SiteWork("t", "s", NOTHING_STORED);
  for (let from = 1; from < 1_000; from += 100) advance(work, from, from + 99);
  work.release();
  const late = { ...look(500), contentHash: "f".repeat(64) };
  expect(work.add(late)).toBe("confirmation");
  expect(work.derive(NO_DECISIONS, T0 + 2_000_000)).toBe(null);
});
