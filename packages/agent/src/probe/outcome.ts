/** From what went wrong to the reading that says it. */
import type { ProbeId } from "@vedette/proto";
import { classify, fault } from "../classify.ts";
import { WireError } from "../net/wire-error.ts";
import type { Fault, Reading } from "./probe.ts";

export type Failed<P extends ProbeId> = Exclude<Reading<P>, { outcome: "identified" }>;

/**
 * Unreachable: no conversation came about. Not identified: one did, and it is not this protocol. Everything else says nothing about the
 * peer (a time-out in the middle, our own limits) and changes nothing. What we did wrong is thrown on.
 */
export function failed<P extends ProbeId>(error: unknown): Failed<P> {
  const why = faultOf(error);
  if (why.code === "bug") throw error;
  return { outcome: outcomeOf(why), fault: why };
}

export function faultOf(error: unknown): Fault {
  // A WireError's text is ours: it names the rule that was broken, never the bytes.
  if (error instanceof WireError) return fault("decode", "malformed", `The answer is malformed: ${error.message}.`);
  return classify(error, "response");
}

function outcomeOf({ phase, code }: Fault): Failed<ProbeId>["outcome"] {
  if (code === "malformed" || code === "rejected") return "not-identified";
  if (code === "refused" || code === "unreachable") return "unreachable";
  if (phase === "connect" && (code === "timeout" || code === "reset")) return "unreachable";
  return "undetermined";
}
