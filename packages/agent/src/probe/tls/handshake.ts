/** One real handshake: the only way to the certificates of TLS 1.3, and to whether a client certificate is demanded. */
import { classify } from "../../classify.ts";
import type { Fault, ProbeContext, Target } from "../probe.ts";

/** How long a refusal may follow a handshake that looks complete: TLS 1.3 servers refuse a missing certificate only afterwards, ms. */
const REFUSAL_MS = 400;

export interface HandshakeOutcome {
  /** Leaf first; empty where the handshake failed. */
  readonly chain: readonly Uint8Array[];
  /** False: it completed; true: the peer refused it after its certificate was known to be there; absent: cannot tell. */
  readonly refusedWithoutCertificate?: boolean;
  readonly fault?: Fault;
}

export interface HandshakeOptions {
  readonly connectMs: number;
  readonly minVersion: "TLSv1" | "TLSv1.3";
  /** Wait whether the peer refuses afterwards. */
  readonly awaitRefusal: boolean;
}

export async function completeHandshake(target: Target, cx: ProbeContext, options: HandshakeOptions): Promise<HandshakeOutcome> {
  const { connectMs, minVersion, awaitRefusal } = options;
  try {
    const stream = await cx.dial.tcp(target.address, target.port, { connectMs, tls: { minVersion } });
    try {
      const chain = stream.peerChain();
      if (!awaitRefusal) return { chain };
      return { chain, ...(await refusal(stream.read(), cx)) };
    } finally {
      stream.close();
    }
  } catch (error) {
    const found = classify(error, "tls");
    if (cx.signal.aborted || found.code === "bug") throw error;
    return { chain: [], fault: found, ...(found.code === "rejected" ? { refusedWithoutCertificate: true } : {}) };
  }
}

async function refusal(read: Promise<Uint8Array | null>, cx: ProbeContext): Promise<Pick<HandshakeOutcome, "refusedWithoutCertificate">> {
  const timer = new AbortController();
  const quiet = cx.clock.sleep(REFUSAL_MS, AbortSignal.any([cx.signal, timer.signal])).then(
    () => "quiet" as const,
    () => "quiet" as const,
  );
  try {
    const first = await Promise.race([read.catch((error: unknown) => classify(error, "tls")), quiet]);
    if (first === "quiet" || first instanceof Uint8Array) return { refusedWithoutCertificate: false };
    // A plain end says nothing: many servers close a connection without a request.
    if (first === null) return {};
    return first.code === "rejected" ? { refusedWithoutCertificate: true } : {};
  } finally {
    timer.abort();
  }
}
