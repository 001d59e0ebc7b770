/** 5.3.1.2: certificates are checked for authenticity and validity. Kind N: from outside, only a certificate that must be refused shows. */

import { timeText } from "./fold.ts";
import { endpointOf, type Finding, quote, type Rule } from "./rule.ts";
import { type ChainLook, overChains } from "./tls.ts";
import type { View } from "./view.ts";

/** RFC 3339 to ms; null where absent or not a time. */
function time(text: string | undefined): number | null {
  const ms = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}

function judgeChain(look: ChainLook, view: View): Finding[] {
  const at = { endpoint: endpointOf(look.look), observedAt: look.look.observedAt };
  const [leaf] = look.chain;
  if (leaf === undefined) return [{ ...at, status: "unknown", code: "certificate-none", evidence: [quote(look.look, { chain: 0 })] }];
  const notBefore = time(leaf.notBefore);
  const notAfter = time(leaf.notAfter);
  const dates = {
    ...(leaf.notBefore === undefined ? {} : { notBefore: leaf.notBefore }),
    ...(leaf.notAfter === undefined ? {} : { notAfter: leaf.notAfter }),
  };
  const evidence = [
    quote(look.look, { sha256: leaf.sha256, subject: leaf.subject, issuer: leaf.issuer, ...dates, selfIssued: leaf.selfIssued }),
  ];
  // Valid through the last second of notAfter (RFC 5280, 4.1.2.5).
  if (notAfter !== null) view.changes.add(notAfter + 1000);
  if (notBefore !== null) view.changes.add(notBefore);

  const bad = look.chain.find((c) => c.malformed !== "");
  if (bad !== undefined) return [{ ...at, status: "fail", code: "certificate-malformed", parameters: { defect: bad.malformed }, evidence }];
  if (notAfter !== null && view.at >= notAfter + 1000)
    return [{ ...at, status: "fail", code: "certificate-expired", parameters: { notAfter: timeText(notAfter) }, evidence }];
  if (notBefore !== null && view.at < notBefore)
    return [{ ...at, status: "fail", code: "certificate-not-yet-valid", parameters: { notBefore: timeText(notBefore) }, evidence }];
  const forged = look.chain.find((c) => c.signatureVerifies === false);
  if (forged !== undefined)
    return [{ ...at, status: "fail", code: "certificate-signature-wrong", parameters: { subject: forged.subject }, evidence }];
  if (notAfter === null || notBefore === null) return [{ ...at, status: "unknown", code: "certificate-undated", evidence }];
  if (leaf.selfIssued) return [{ ...at, status: "unknown", code: "certificate-self-issued", evidence }];
  return [{ ...at, status: "unknown", code: "certificate-clean", evidence }];
}

export const rule: Rule = {
  clause: "5.3.1.2",
  version: 1,
  parts: [
    {
      name: "certificate",
      probes: ["tls.certificate", "tls.handshake"],
      judge: (view) => overChains(view, (look) => judgeChain(look, view)),
    },
  ],
  passCode: "certificate-clean",
  absentCode: "no-secure-channel",
  cleanCodes: new Set(["certificate-clean", "certificate-self-issued"]),
};
