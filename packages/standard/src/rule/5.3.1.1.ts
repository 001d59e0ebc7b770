/** 5.3.1.1: sensitive data travels over TLS 1.2 or later (Annex A) with forward secrecy. Judged on every management endpoint. */
import type { FactsOf } from "@vedette/proto";
import type { ReasonCode } from "../reason/verdict.ts";
import { TLS_1_2, tlsVersionName } from "../registry/tls.ts";
import type { Look } from "../types.ts";
import { endpointOf, type Finding, type Part, quote, type Rule } from "./rule.ts";
import { acceptableSuites, overTls, type TlsLook } from "./tls.ts";
import type { View } from "./view.ts";

/** SSL 3.0, TLS 1.0 and TLS 1.1 must each be seen refused; SSL 2.0 where the look tried it. */
const SSL_3 = 768;
const REFUSED_VERSIONS = [SSL_3, 769, 770];
/** Below this a suite hides nothing worth the name (export and DES suites). */
const MIN_STRENGTH_BITS = 112;
const HTTP_PORT = 80;
const TELNET_PORTS = [23, 2323];
const FTP_PORT = 21;

function notLooked(probe: string, endpoint: string): Finding {
  return { status: "notchecked", code: "not-looked-at", parameters: { probe }, endpoint };
}

function cleartextHttp(look: Look<"http.root">, facts: FactsOf<"http.root">): Finding {
  const { status, redirectsToHttps, loginForm, challenges, contentType } = facts;
  const schemes = [...new Set(challenges.map((c) => c.scheme))].sort();
  const base = {
    endpoint: endpointOf(look),
    observedAt: look.observedAt,
    evidence: [quote(look, { status, redirectsToHttps, loginForm, schemes })],
  };
  if (redirectsToHttps) return { ...base, status: "pass" };
  if (schemes.length > 0) return { ...base, status: "fail", code: "http-cleartext-challenge", parameters: { schemes } };
  if (loginForm) return { ...base, status: "fail", code: "http-cleartext-login" };
  const isPage = status >= 200 && status < 400 && (contentType === "" || contentType.toLowerCase().includes("html"));
  // A page may build its login by script, which one GET does not show (interpretation I-4).
  return isPage ? { ...base, status: "unknown", code: "http-cleartext-page" } : { ...base, status: "pass" };
}

function judgeHttp(view: View): Finding[] {
  const looks = view.fresh("http.root");
  const findings = looks.flatMap((l) =>
    l.outcome === "identified" && l.facts !== undefined && !l.facts.tls ? [cleartextHttp(l, l.facts)] : [],
  );
  const looked = looks.some((l) => l.endpoint.port === HTTP_PORT);
  if (findings.length > 0 || looked || view.portState(HTTP_PORT) === "closed") return findings;
  return [notLooked("http.root", `${HTTP_PORT}/tcp`)];
}

/** A port whose greeting tells its protocol: Telnet and FTP. */
function greeted(view: View, protocol: string, usual: readonly number[], code: ReasonCode): Finding[] {
  const found = view.openPorts.filter((p) => p.protocol === protocol);
  const findings: Finding[] = found.map((p) => ({
    status: "fail",
    code,
    endpoint: `${p.port}/tcp`,
    evidence: [quote(p.look, { port: p.port, protocol: p.protocol, banner: p.banner })],
    observedAt: p.look.observedAt,
  }));
  for (const port of usual) {
    const open = view.openPorts.find((p) => p.port === port);
    if (open !== undefined && open.protocol === "")
      findings.push({
        status: "unknown",
        code: "open-port-unidentified",
        endpoint: `${port}/tcp`,
        evidence: [quote(open.look, { port, protocol: "" })],
        observedAt: open.look.observedAt,
      });
    else if (view.portState(port) === "unlooked") findings.push(notLooked("tcp.connect", `${port}/tcp`));
  }
  return findings;
}

function judgeSnmp(view: View): Finding[] {
  const looks = view.fresh("snmp.system");
  if (looks.length === 0) return [notLooked("snmp.system", "161/udp")];
  return looks.flatMap((look): Finding[] => {
    if (look.outcome !== "identified" || look.facts === undefined) return [];
    const { version, community } = look.facts;
    const base = { endpoint: endpointOf(look), observedAt: look.observedAt, evidence: [quote(look, { version, community })] };
    return version === "v3"
      ? [{ ...base, status: "pass" }]
      : [{ ...base, status: "fail", code: "snmp-cleartext", parameters: { version } }];
  });
}

function judgeTlsEndpoint(look: TlsLook): Finding[] {
  const { versions, complete } = look.facts;
  const old = versions.filter((v) => v.accepted === true && v.version < TLS_1_2).map((v) => tlsVersionName(v.version));
  const current = versions.filter((v) => v.accepted === true && v.version >= TLS_1_2).map((v) => tlsVersionName(v.version));
  const suites = acceptableSuites(look.facts);
  const secret = suites.filter((s) => s.forwardSecret && !s.anonymous && s.strengthBits >= MIN_STRENGTH_BITS);
  const at = { endpoint: endpointOf(look), observedAt: look.observedAt };
  const findings: Finding[] = [];
  if (old.length > 0)
    findings.push({
      ...at,
      status: "fail",
      code: "tls-version-accepted",
      parameters: { versions: old },
      evidence: [quote(look, { accepted: [...old, ...current] })],
    });
  if (suites.length > 0 && secret.length === 0)
    findings.push({
      ...at,
      status: complete ? "fail" : "unknown",
      code: complete ? "tls-no-forward-secrecy" : "tls-incomplete",
      evidence: [quote(look, { suites: suites.map((s) => s.name) })],
    });
  if (findings.some((f) => f.status === "fail")) return findings;

  const evidence = [
    quote(look, {
      accepted: current,
      refused: versions.filter((v) => v.accepted === false).map((v) => tlsVersionName(v.version)),
      forwardSecret: secret.map((s) => s.name),
    }),
  ];
  const refused = (version: number) => versions.some((v) => v.version === version && v.accepted === false);
  const open = [...REFUSED_VERSIONS, ...versions.filter((v) => v.version < SSL_3).map((v) => v.version)].filter((v) => !refused(v));
  if (open.length > 0)
    return [
      ...findings,
      { ...at, status: "unknown", code: "tls-version-undetermined", parameters: { versions: open.map(tlsVersionName) }, evidence },
    ];
  if (suites.length === 0 || !complete) return [...findings, { ...at, status: "unknown", code: "tls-incomplete", evidence }];
  return [{ ...at, status: "pass", evidence }];
}

const PARTS: readonly Part[] = [
  { name: "http", probes: ["http.root"], judge: judgeHttp },
  { name: "telnet", probes: ["tcp.connect"], judge: (view) => greeted(view, "telnet", TELNET_PORTS, "telnet-answers") },
  { name: "ftp", probes: ["tcp.connect"], judge: (view) => greeted(view, "ftp", [FTP_PORT], "ftp-answers") },
  { name: "snmp", probes: ["snmp.system"], judge: judgeSnmp },
  { name: "tls", probes: ["tls.handshake"], judge: (view) => overTls(view, judgeTlsEndpoint) },
];

export const rule: Rule = {
  clause: "5.3.1.1",
  version: 1,
  parts: PARTS,
  passCode: "secure-channels-only",
  absentCode: "no-management-endpoint",
};
