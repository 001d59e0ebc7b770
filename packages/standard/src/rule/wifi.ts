/** What the Wi-Fi clauses share: whether the device has a radio, and which BSSs are its own. */
import type { FactsOf } from "@vedette/proto";
import type { AssessInput, Look } from "../types.ts";
import { bare } from "./fold.ts";
import { endpointOf, type Finding, type RuleResult } from "./rule.ts";
import type { View } from "./view.ts";

export type BssLook = Look<"wifi.bss"> & { readonly facts: FactsOf<"wifi.bss"> };

/** Settles the clause where no BSS of the device was ever looked at. */
export function withoutBss(view: View, input: AssessInput): RuleResult | null {
  if (view.fresh("wifi.bss").length + view.stale(["wifi.bss"]).length > 0) return null;
  if (input.device.radioSeen) return bare("unknown", "wifi-station-only");
  return input.profile?.wired === true
    ? bare("notapplicable", "no-radio", { profile: input.profile.id })
    : bare("notchecked", "wifi-not-looked-at");
}

export function overBss(view: View, judgeOne: (look: BssLook) => Finding): Finding[] {
  return view
    .fresh("wifi.bss")
    .filter((l): l is BssLook => l.outcome === "identified" && l.facts !== undefined)
    .map((look) => ({ ...judgeOne(look), endpoint: endpointOf(look), observedAt: look.observedAt }));
}
