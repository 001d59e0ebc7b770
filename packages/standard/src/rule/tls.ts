/** What the TLS clauses share: which endpoints speak TLS, and whether a device without any was looked at for them. */
import type { FactsOf } from "@vedette/proto";
import { type CipherSuite, cipherSuite, TLS_1_2 } from "../registry/tls.ts";
import type { Look } from "../types.ts";
import { endpointOf, type Finding, quote } from "./rule.ts";
import type { View } from "./view.ts";

export type TlsLook = Look<"tls.handshake"> & { readonly facts: FactsOf<"tls.handshake"> };

/** Ports at which TLS would be expected: shut there and found nowhere else means that the device has none. */
const USUAL_PORTS = [443];

/** A port that no TLS look, of any outcome, was made at although it is open. */
function unlookedPorts(view: View): number[] {
  const looked = new Set(view.fresh("tls.handshake").map((l) => l.endpoint.port));
  return USUAL_PORTS.filter((port) => !looked.has(port) && view.portState(port) !== "closed");
}

/** Endpoints that other probes know to speak TLS: they are in scope before their posture was looked at. */
function knownByOthers(view: View): Look[] {
  return [
    ...view.fresh("tls.certificate").filter((l) => l.outcome === "identified"),
    ...view.fresh("http.root").filter((l) => l.facts?.tls === true),
    ...view.fresh("rtsp.describe").filter((l) => l.facts?.tls === true),
  ];
}

/** Judges every TLS endpoint by `judgeOne`; none found gives nothing, provided that its usual port was looked at. */
export function overTls(view: View, judgeOne: (look: TlsLook) => readonly Finding[]): Finding[] {
  const looks = view.fresh("tls.handshake");
  const spoken = looks.filter((l): l is TlsLook => l.outcome === "identified" && l.facts !== undefined);
  const answered = new Set(spoken.map((l) => `${l.endpoint.address}:${l.endpoint.port}`));
  const findings = spoken.flatMap((look) => judgeOne(look));
  for (const look of looks) {
    const silent = look.outcome === "unreachable" && look.fault?.code !== "refused";
    if (!silent || answered.has(`${look.endpoint.address}:${look.endpoint.port}`) || view.portState(look.endpoint.port) !== "open")
      continue;
    findings.push({
      status: "unknown",
      code: "endpoint-silent",
      endpoint: endpointOf(look),
      evidence: [quote(look, { outcome: look.outcome })],
      observedAt: look.observedAt,
    });
  }
  const looked = new Set([...looks, ...view.stale(["tls.handshake"])].map((l) => `${l.endpoint.address}:${l.endpoint.port}`));
  for (const known of knownByOthers(view)) {
    if (looked.has(`${known.endpoint.address}:${known.endpoint.port}`)) continue;
    findings.push({ status: "notchecked", code: "not-looked-at", parameters: { probe: "tls.handshake" }, endpoint: endpointOf(known) });
  }
  if (findings.length > 0) return findings;
  return unlookedPorts(view).map((port) => ({
    status: "notchecked",
    code: "not-looked-at",
    parameters: { probe: "tls.handshake" },
    endpoint: `${port}/tcp`,
  }));
}

export interface ChainLook {
  readonly look: Look<"tls.certificate"> | Look<"tls.handshake">;
  readonly chain: FactsOf<"tls.handshake">["chain"];
}

/** The chain each vantage saw last at each endpoint, be it by the light look or by the full one. */
export function overChains(view: View, judgeOne: (look: ChainLook) => readonly Finding[]): Finding[] {
  const latest = new Map<string, ChainLook>();
  for (const look of [...view.fresh("tls.handshake"), ...view.fresh("tls.certificate")]) {
    if (look.outcome !== "identified" || look.facts === undefined) continue;
    const key = `${look.vantage}|${look.endpoint.address}|${look.endpoint.port}`;
    const before = latest.get(key);
    if (before === undefined || look.confirmedAt >= before.look.confirmedAt) latest.set(key, { look, chain: look.facts.chain });
  }
  const findings = [...latest.values()].flatMap((seen) => judgeOne(seen));
  return findings.length > 0 ? findings : overTls(view, () => []);
}

/** Suites of the versions that Annex A allows. */
export function acceptableSuites(facts: FactsOf<"tls.handshake">): CipherSuite[] {
  const ids = facts.versions.filter((v) => v.accepted === true && v.version >= TLS_1_2).flatMap((v) => v.suites.map((s) => s.id));
  return [...new Set(ids)].sort((a, b) => a - b).map(cipherSuite);
}
