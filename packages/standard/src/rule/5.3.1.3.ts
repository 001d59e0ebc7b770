/** 5.3.1.3: secure channels support AES-256 or stronger. Each TLS endpoint must accept such a suite in a version that Annex A allows. */
import { isAes256OrStronger } from "../registry/tls.ts";
import { endpointOf, type Finding, quote, type Rule } from "./rule.ts";
import { acceptableSuites, overTls, type TlsLook } from "./tls.ts";

function judgeEndpoint(look: TlsLook): Finding[] {
  const suites = acceptableSuites(look.facts);
  const strong = suites.filter(isAes256OrStronger).map((s) => s.name);
  const at = { endpoint: endpointOf(look), observedAt: look.observedAt };
  if (strong.length > 0) return [{ ...at, status: "pass", evidence: [quote(look, { suites: strong })] }];
  const evidence = [quote(look, { suites: suites.map((s) => s.name), complete: look.facts.complete })];
  return look.facts.complete
    ? [{ ...at, status: "fail", code: "no-aes-256", evidence }]
    : [{ ...at, status: "unknown", code: "tls-incomplete", evidence }];
}

export const rule: Rule = {
  clause: "5.3.1.3",
  version: 1,
  parts: [{ name: "tls", probes: ["tls.handshake"], judge: (view) => overTls(view, judgeEndpoint) }],
  passCode: "aes-256-accepted",
  absentCode: "no-secure-channel",
};
