/** 5.2.2.1: only declared network services are open. Needs what the maker or the site declares, and a complete sweep. */
import type { AssessInput, EvidenceRef } from "../types.ts";
import { type Finding, quote, type Rule } from "./rule.ts";
import type { View } from "./view.ts";

interface Service {
  /** "tcp/443", as profiles write it. */
  readonly name: string;
  readonly protocol: string;
  readonly evidence: EvidenceRef;
  readonly observedAt: number;
}

const UDP = [
  { probe: "snmp.system", name: "udp/161", protocol: "snmp" },
  { probe: "ssdp.search", name: "udp/1900", protocol: "ssdp" },
  { probe: "wsd.probe", name: "udp/3702", protocol: "wsd" },
  { probe: "mdns.browse", name: "udp/5353", protocol: "mdns" },
] as const;

function protocolAt(view: View, port: number, greeting: string): string {
  const here = (look: { endpoint: { port: number }; outcome: string }) => look.endpoint.port === port && look.outcome === "identified";
  if (greeting !== "" && greeting !== "tls-alert") return greeting;
  if (view.fresh("rtsp.describe").some(here)) return "rtsp";
  const http = view.fresh("http.root").find(here);
  if (http !== undefined) return http.facts?.tls === true ? "https" : "http";
  return view.fresh("tls.handshake").some(here) ? "tls" : greeting;
}

function openServices(view: View): Service[] {
  const tcp = view.openPorts.map(({ port, protocol, look }) => ({
    name: `tcp/${port}`,
    protocol: protocolAt(view, port, protocol),
    evidence: quote(look, { port, list: look.facts?.list ?? "" }),
    observedAt: look.observedAt,
  }));
  const udp = UDP.flatMap(({ probe, name, protocol }) =>
    view
      .fresh(probe)
      .filter((l) => l.outcome === "identified")
      .map((look) => ({ name, protocol, evidence: quote(look, {}), observedAt: look.observedAt })),
  );
  return [...tcp, ...udp];
}

function described(services: readonly Service[]): string[] {
  return [...new Set(services.map((s) => (s.protocol === "" ? s.name : `${s.name} (${s.protocol})`)))];
}

function judgeServices(view: View, input: AssessInput): Finding[] {
  const services = openServices(view);
  const looked = view.fresh("tcp.connect").some((l) => l.outcome === "identified");
  if (!looked && services.length === 0) return [{ status: "notchecked", code: "not-looked-at", parameters: { probe: "tcp.connect" } }];
  const base =
    services.length === 0 ? {} : { evidence: services.map((s) => s.evidence), observedAt: Math.max(...services.map((s) => s.observedAt)) };
  const { profile } = input;
  if (profile === null) return [{ ...base, status: "unknown", code: "no-declared-profile", parameters: { services: described(services) } }];
  const declared = new Set(profile.services);
  const extra = services.filter((s) => !declared.has(s.name));
  if (extra.length > 0)
    return [
      {
        status: "fail",
        code: "undeclared-service",
        parameters: { services: described(extra), profile: profile.id },
        evidence: extra.map((s) => s.evidence),
        observedAt: Math.min(...extra.map((s) => s.observedAt)),
      },
    ];
  if (!view.completeSweep) return [{ ...base, status: "unknown", code: "service-sweep-missing", parameters: { profile: profile.id } }];
  const evidence = [...view.sweepLooks.map((l) => quote(l, { list: l.facts?.list ?? "", completeSweep: true })), ...(base.evidence ?? [])];
  return [
    {
      ...base,
      status: "pass",
      parameters: { profile: profile.id },
      evidence,
      observedAt: Math.max(...view.sweepLooks.map((l) => l.observedAt)),
    },
  ];
}

export const rule: Rule = {
  clause: "5.2.2.1",
  version: 2,
  parts: [{ name: "services", probes: ["tcp.connect"], judge: judgeServices }],
  passCode: "declared-services-only",
  absentCode: "no-answer",
};
