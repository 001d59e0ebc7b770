/** 5.3.2.2: no debug mode over the network by default. The deployed state is judged. SSH alone is not a debug mode (I-3). */
import { DEBUG_PORTS, DEBUG_PROTOCOLS } from "../registry/ports.ts";
import { type Finding, quote, type Rule } from "./rule.ts";
import type { OpenPort, View } from "./view.ts";

/** Another probe says what answers there: then it is no debug console. */
function knownOtherwise(view: View, port: OpenPort): boolean {
  const at = (look: { endpoint: { port: number }; outcome: string }) => look.endpoint.port === port.port && look.outcome === "identified";
  return (
    port.protocol !== "" || view.fresh("tls.handshake").some(at) || view.fresh("http.root").some(at) || view.fresh("rtsp.describe").some(at)
  );
}

function judgePorts(view: View): Finding[] {
  const findings: Finding[] = view.openPorts.flatMap((open): Finding[] => {
    const { port, protocol, banner, look } = open;
    const base = { endpoint: `${port}/tcp`, evidence: [quote(look, { port, protocol, banner })], observedAt: look.observedAt };
    if (DEBUG_PROTOCOLS.has(protocol)) return [{ ...base, status: "fail", code: "debug-answers", parameters: { protocol } }];
    const expected = DEBUG_PORTS.get(port);
    return expected !== undefined && !knownOtherwise(view, open)
      ? [{ ...base, status: "unknown", code: "debug-port-unidentified", parameters: { expected } }]
      : [];
  });
  const looks = view.fresh("tcp.connect").filter((l) => l.outcome === "identified");
  const debugPorts = [...DEBUG_PORTS.keys()];
  const looked = debugPorts.filter((port) => view.portState(port) !== "unlooked");
  if (looked.length === 0) return [...findings, { status: "notchecked", code: "not-looked-at", parameters: { probe: "tcp.connect" } }];
  const evidence = looks.map((l) =>
    quote(l, { list: l.facts?.list ?? "", completeSweep: l.facts?.completeSweep ?? false, open: l.facts?.open.map((p) => p.port) ?? [] }),
  );
  const observedAt = Math.max(...looks.map((l) => l.observedAt));
  const base = { evidence, ...(Number.isFinite(observedAt) ? { observedAt } : {}) };
  if (view.completeSweep) findings.push({ ...base, status: "pass" });
  else
    findings.push({
      ...base,
      status: "unknown",
      code: "debug-sweep-missing",
      parameters: { looked: looked.length, of: debugPorts.length },
    });
  return findings;
}

export const rule: Rule = {
  clause: "5.3.2.2",
  version: 1,
  parts: [{ name: "debug", probes: ["tcp.connect"], judge: judgePorts }],
  passCode: "no-debug-service",
  absentCode: "no-answer",
};
