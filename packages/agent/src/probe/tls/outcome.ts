/** What a fault before any accepted hello says about the endpoint. */
import type { Fault } from "../probe.ts";

const UNREACHABLE = new Set<Fault["code"]>(["refused", "timeout", "unreachable", "reset", "closed"]);
const NOT_TLS = new Set<Fault["code"]>(["closed", "reset", "malformed", "too-large"]);

/** A server that refuses by alerts speaks TLS; what it would accept is not known, so it is undetermined and not "no TLS". */
export const REFUSED: Fault = { phase: "tls", code: "rejected", message: "The server refused every hello." };

export function outcomeOf({ phase, code }: Fault): "unreachable" | "not-identified" | "undetermined" {
  if (phase === "connect") return UNREACHABLE.has(code) ? "unreachable" : "undetermined";
  return NOT_TLS.has(code) ? "not-identified" : "undetermined";
}
