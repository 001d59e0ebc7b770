import type { PostureOf } from "@vedette/proto";
import type { Look } from "../run.ts";

/**
 * Whether a host is there is whether a known endpoint answers. A host that refuses all of them is a missed look:
 * a refusal alone shows no device (on loopback every address refuses).
 */
export function asPresence(look: Look): Look {
  const posture = look.facts?.posture as PostureOf<"tcp.connect"> | undefined;
  if (look.outcome !== "identified" || posture === undefined || posture.open.length > 0) return look;
  const { facts: _, encoded: __, ...rest } = look;
  return {
    ...rest,
    outcome: "unreachable",
    fault: look.fault ?? { phase: "connect", code: "refused", message: "No known endpoint of the host answered." },
  };
}
