/** Errors of Node and OpenSSL as faults: the only place that reads `error.code`. Texts of errors are never read. */
import { DialError } from "./net/dial.ts";
import type { Fault, FaultCode, Phase } from "./probe/probe.ts";

const BY_ERRNO: Readonly<Record<string, FaultCode>> = {
  ECONNREFUSED: "refused",
  ETIMEDOUT: "timeout",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  ENONET: "unreachable",
  EMFILE: "resource",
  ENFILE: "resource",
  ENOBUFS: "resource",
  ENOMEM: "resource",
  EADDRINUSE: "resource",
  EADDRNOTAVAIL: "resource",
  ENODEV: "resource",
  // A filter or a prohibited route of our own machine.
  EACCES: "resource",
  EPERM: "resource",
};

const SENTENCE: Readonly<Record<FaultCode, string>> = {
  refused: "The peer refused the connection.",
  timeout: "The deadline passed before the peer answered.",
  closed: "The peer ended the connection before the answer was whole.",
  reset: "The peer reset the connection.",
  unreachable: "There is no route to the host, or the network says that it is unreachable.",
  malformed: "The bytes are not what the protocol says.",
  rejected: "The peer answered with a well-formed refusal.",
  "too-large": "The answer is larger than we read.",
  "out-of-scope": "The address or port is outside the scope; nothing was sent.",
  budget: "The budget left no room before the deadline; nothing was sent.",
  resource: "This machine could not open or use the socket.",
  bug: "The agent's own code failed.",
};

export function fault(phase: Phase, code: FaultCode, message: string = SENTENCE[code], cause?: unknown): Fault {
  return cause === undefined ? { phase, code, message } : { phase, code, message, cause };
}

/** Whatever was thrown or emitted while talking to a peer, in the given phase. A DialError keeps its own fault. */
export function classify(error: unknown, phase: Phase): Fault {
  if (error instanceof DialError) return error.fault;
  return fault(phase, codeOf(error), undefined, error);
}

function codeOf(error: unknown): FaultCode {
  if (!(error instanceof Error)) return "bug";
  if (error.name === "AbortError" || error.name === "TimeoutError") return "timeout";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return BY_ERRNO[code] ?? tlsCode(code) ?? "bug";
}

/** Node names OpenSSL's reasons `ERR_SSL_<REASON>`; reasons with ALERT are the peer's word, the rest our judgement of its bytes. */
function tlsCode(code: string): FaultCode | undefined {
  if (code === "EPROTO") return "malformed";
  if (!code.startsWith("ERR_SSL_")) return undefined;
  if (code.includes("ALERT") || code === "ERR_SSL_UNSUPPORTED_PROTOCOL") return "rejected";
  return "malformed";
}
