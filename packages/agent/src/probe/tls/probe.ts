/** tls.handshake: the full posture of one TLS endpoint. */
import { randomBytes } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { TlsHandshakePostureSchema, TlsHandshakeVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import type { Probe, ProbeContext, Reading, Target } from "../probe.ts";
import { type CertificateReader, createCertificateReader } from "./certificate.ts";
import { outcomeOf, REFUSED } from "./outcome.ts";
import { lookAtPosture, type PostureOptions, type PostureSeen } from "./posture.ts";

/** A DNS name as SNI carries it (RFC 6066, 3). */
const serverName = z.string().regex(/^(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/, "must be a DNS name");

const options = z.object({
  /** Longest wait for a connection, ms. */
  connectMs: z.int().min(100).max(30_000).default(5_000),
  /** Longest wait for the answer to one hello, ms. Slow devices need seconds for a key exchange. */
  answerMs: z.int().min(100).max(30_000).default(5_000),
  /** Versions looked at at the same time, where the host's budget has room for it. */
  lanes: z.int().min(1).max(2).default(1),
  /** Sent where the server takes no hello without a name. */
  serverName: serverName.optional(),
});
export type TlsHandshakeOptions = z.infer<typeof options>;

/** Servers that take no hello as it stands are asked again with a name, then with protocols. */
function* approaches(target: Target, options: TlsHandshakeOptions): Generator<Pick<PostureOptions, "serverName" | "alpn">> {
  yield {};
  const name = serverName.safeParse(options.serverName ?? target.hints?.["serverName"]);
  if (name.success) yield { serverName: name.data };
  yield { ...(name.success ? { serverName: name.data } : {}), alpn: ["http/1.1", "h2"] };
}

export function createTlsHandshake(certificates: CertificateReader): Probe<"tls.handshake", TlsHandshakeOptions> {
  return {
    id: "tls.handshake",
    version: 1,
    transport: "tcp",
    port: 443,
    tier: "polite",
    deadlineMs: 180_000,
    options: options as z.ZodType<TlsHandshakeOptions>,
    async run(target, chosen, cx) {
      const { connectMs, answerMs, lanes } = chosen;
      let look: PostureSeen | undefined;
      for (const approach of approaches(target, chosen)) {
        look = await lookAtPosture(target, cx, { connectMs, answerMs, lanes, ...approach, random: () => randomBytes(64) });
        if (look.fault !== undefined || !look.seen.tls || look.versions.some((version) => version.accepted === true)) break;
        cx.note("refused", { approach });
      }
      if (look === undefined) throw new Error("no approach was taken");
      return readingOf(look, certificates, cx);
    },
  };
}

async function readingOf(look: PostureSeen, certificates: CertificateReader, cx: ProbeContext): Promise<Reading<"tls.handshake">> {
  const { seen, versions, fault } = look;
  if (!versions.some((version) => version.accepted === true)) return refusal(look);
  if (seen.evidence !== undefined) cx.evidence("first server flight of the best version", seen.evidence);
  for (const [index, der] of look.chain.entries()) cx.evidence(`certificate ${index}`, der);
  const complete = fault === undefined && versions.every((version) => version.accepted !== undefined);
  const posture = create(TlsHandshakePostureSchema, {
    versions: versions.map((version) => ({ ...version, suites: version.suites.map((id) => ({ id })) })),
    groups: ascending(seen.groups),
    chain: await certificates.read(look.chain),
    compression: ascending(seen.compression),
    complete,
    ...(seen.dhBits === undefined ? {} : { dhBits: seen.dhBits }),
    ...(look.clientCertificateRequired === undefined ? {} : { clientCertificateRequired: look.clientCertificateRequired }),
    ...(seen.secureRenegotiation === undefined ? {} : { secureRenegotiation: seen.secureRenegotiation }),
  });
  const time = seen.serverTime;
  const volatile = create(TlsHandshakeVolatileSchema, time === undefined ? {} : { serverTimeS: time });
  return { outcome: "identified", result: { posture, volatile }, ...(fault === undefined ? {} : { fault }) };
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** No version was accepted. */
function refusal({ seen, fault, hungUp }: PostureSeen): Reading<"tls.handshake"> {
  const found = fault ?? (seen.tls ? REFUSED : (hungUp ?? REFUSED));
  return { outcome: seen.tls ? "undetermined" : outcomeOf(found), fault: found };
}

/** Shared by both TLS probes; its child runs only while certificates are read. */
export const certificateReader = createCertificateReader();
export const tlsHandshake = createTlsHandshake(certificateReader);
