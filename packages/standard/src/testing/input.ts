/** Builds assess inputs for tests: one device, looked at a second ago unless said otherwise. */
import { type FactsOf, type ProbeId, parseFacts } from "@vedette/proto";
import { assess } from "../assess.ts";
import type { AssessInput, Look, Verdict } from "../types.ts";

export const AT = Date.parse("2026-06-01T12:00:00Z");
export const HOUR = 3_600_000;

let counter = 0;

type Place = Partial<Look["endpoint"]>;

/** An identified look; `facts` may leave out what is empty. */
export function look<P extends ProbeId>(probe: P, place: Place, facts: object, over: Partial<Look> = {}): Look {
  counter += 1;
  return {
    id: `agent/epoch/${counter}`,
    probe,
    probeVersion: 1,
    vantage: "agent",
    endpoint: { address: "198.18.0.2", transport: "tcp", port: 0, ...place },
    outcome: "identified",
    observedAt: AT - 1000,
    confirmedAt: AT - 1000,
    intervalMs: HOUR,
    facts: parseFacts(probe, facts) as FactsOf<P>,
    ...over,
  };
}

export function unanswered(probe: ProbeId, place: Place, code = "timeout"): Look {
  const { facts: _none, ...rest } = look("http.root", place, {});
  return { ...rest, probe, outcome: "unreachable", fault: { phase: "connect", code } };
}

export const SSL3_TO_TLS11_REFUSED = [768, 769, 770].map((version) => ({ version, accepted: false }));

export function tls(port: number, versions: readonly object[], more: object = {}, over: Partial<Look> = {}): Look {
  return look("tls.handshake", { port }, { versions, complete: true, ...more }, over);
}

/** TLS 1.2 with ECDHE and AES-256, older versions refused. */
export function goodTls(port = 443, over: Partial<Look> = {}): Look {
  return tls(port, [...SSL3_TO_TLS11_REFUSED, { version: 771, accepted: true, suites: [{ id: 0xc030 }, { id: 0xc02f }] }], {}, over);
}

/** A look at ports; `open` maps port to what greeted. */
export function ports(
  open: Readonly<Record<number, string>>,
  covered: readonly (readonly [number, number])[] = [[1, 65_535]],
  more: object = {},
  over: Partial<Look> = {},
): Look {
  const list = Object.entries(open).map(([port, protocol]) => ({ port: Number(port), protocol }));
  return look(
    "tcp.connect",
    { transport: "host" },
    { list: "common", covered: covered.map(([first, last]) => ({ first, last })), open: list, ...more },
    over,
  );
}

export function bss(facts: object, over: Partial<Look> = {}): Look {
  const bssid = "00:11:22:33:44:55";
  return look(
    "wifi.bss",
    { address: "", transport: "bss", bssid },
    { bssid, ssid: "site", beaconSeen: true, probeResponseSeen: true, ...facts },
    over,
  );
}

export function input(endpoints: readonly Look[], over: Partial<AssessInput> = {}): AssessInput {
  return {
    at: AT,
    device: { class: "camera", radioSeen: false },
    endpoints,
    history: { certificates: [], firmwares: [] },
    fleet: { sharedKeys: [] },
    coverage: { tcp: [], completeSweepAt: null },
    profile: null,
    attestations: [],
    acceptedRisks: [],
    feed: { activeAt: null, version: null },
    rules: "test",
    ...over,
  };
}

export function verdict(clause: string, given: AssessInput): Verdict {
  const found = assess(given).verdicts.find((v) => v.clause === clause);
  if (found === undefined) throw new Error(`no verdict for ${clause}`);
  return found;
}

/** "fail tls-version-accepted": what most tests look at. */
export function outcome(clause: string, endpoints: readonly Look[], over: Partial<AssessInput> = {}): string {
  const { status, code } = verdict(clause, input(endpoints, over));
  return `${status} ${code}`;
}

export function attestation(
  clauses: readonly string[],
  over: Partial<AssessInput["attestations"][number]> = {},
): AssessInput["attestations"][number] {
  return {
    id: "att-1",
    clauses,
    result: "pass",
    author: "auditor",
    documentHash: "ab12",
    validFrom: AT - HOUR,
    expires: AT + HOUR,
    ...over,
  };
}
