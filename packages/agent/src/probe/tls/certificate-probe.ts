/**
 * tls.certificate: the light look between two of tls.handshake. Facts of its own, so that it never stands in for the full posture;
 * what changes in it is the reason to take the full look at once.
 */
import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { TlsCertificatePostureSchema, TlsCertificateVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { DialError } from "../../net/dial.ts";
import type { Fault, Probe, ProbeContext, Reading, Target } from "../probe.ts";
import type { CertificateReader } from "./certificate.ts";
import { type Offer, SSL3, TLS10, TLS12, TLS13 } from "./client-hello.ts";
import { CURVES } from "./group.ts";
import { completeHandshake } from "./handshake.ts";
import { outcomeOf, REFUSED } from "./outcome.ts";
import { certificateReader } from "./probe.ts";
import { Seen } from "./seen.ts";
import { suitesToOffer, WINDOW } from "./suite.ts";
import { type Flight, openTalk } from "./talk.ts";

const options = z.object({
  /** Longest wait for a connection, ms. */
  connectMs: z.int().min(100).max(30_000).default(5_000),
  /** Longest wait for an answer, ms. */
  answerMs: z.int().min(100).max(30_000).default(5_000),
});
export type TlsCertificateOptions = z.infer<typeof options>;

/** One hello that offers all versions with the likeliest suites, then plainer ones for servers that do not take it. */
function offers(): Offer[] {
  const modern = suitesToOffer(TLS13).defined;
  const older = suitesToOffer(TLS12).defined;
  return [
    {
      version: TLS13,
      alsoVersions: [TLS12, TLS12 - 1, TLS10],
      suites: [...modern, ...older].slice(0, WINDOW),
      groups: CURVES,
    },
    { version: TLS12, suites: older.slice(0, WINDOW), groups: CURVES },
    { version: SSL3, suites: suitesToOffer(SSL3).defined.slice(0, WINDOW), groups: [] },
  ];
}

export function createTlsCertificate(certificates: CertificateReader): Probe<"tls.certificate", TlsCertificateOptions> {
  return {
    id: "tls.certificate",
    version: 1,
    transport: "tcp",
    port: 443,
    tier: "polite",
    deadlineMs: 30_000,
    options: options as z.ZodType<TlsCertificateOptions>,
    run: (target, chosen, cx) => look(target, chosen, cx, certificates),
  };
}

async function look(
  target: Target,
  chosen: TlsCertificateOptions,
  cx: ProbeContext,
  certificates: CertificateReader,
): Promise<Reading<"tls.certificate">> {
  try {
    const seen = new Seen();
    const found = await firstFlight(target, chosen, cx, seen);
    if ("fault" in found) return { outcome: outcomeOf(found.fault), fault: found.fault };
    cx.evidence("server flight", found.flight.bytes);
    const { version } = found.flight.hello;
    const real =
      version >= TLS13 ? await completeHandshake(target, cx, { ...chosen, minVersion: "TLSv1.3", awaitRefusal: false }) : undefined;
    // Without the chain there is nothing to compare; an empty one would read as a change.
    if (real?.fault !== undefined) return { outcome: "undetermined", fault: real.fault };
    const sent = real?.chain ?? seen.chain;
    for (const [index, der] of sent.entries()) cx.evidence(`certificate ${index}`, der);
    const chain = await certificates.read(sent);
    return {
      outcome: "identified",
      result: { posture: create(TlsCertificatePostureSchema, { version, chain }), volatile: create(TlsCertificateVolatileSchema) },
    };
  } catch (error) {
    if (error instanceof DialError) return { outcome: outcomeOf(error.fault), fault: error.fault };
    throw error;
  }
}

async function firstFlight(
  target: Target,
  chosen: TlsCertificateOptions,
  cx: ProbeContext,
  seen: Seen,
): Promise<{ flight: Flight } | { fault: Fault }> {
  const talk = openTalk(target, cx, { ...chosen, random: () => randomBytes(64) });
  let refusal: Fault | undefined;
  for (const offer of offers()) {
    const answer = await talk.ask(offer, (hello) => seen.depthFor(hello));
    seen.add(answer, cx.clock.monotonic());
    if (answer.kind === "hello") return { flight: answer };
    if (answer.kind === "foreign" || answer.kind === "silent" || answer.kind === "gone") return { fault: answer.fault };
    refusal = answer.kind === "alert" || seen.tls ? REFUSED : answer.fault;
  }
  return { fault: refusal ?? REFUSED };
}

export const tlsCertificate = createTlsCertificate(certificateReader);
