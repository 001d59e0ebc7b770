/** What a clause without a rule answers: why it was not checked, and what would decide it (semantics of `notchecked`). */
import type { AssessInput, Clause, DeviceClass } from "../types.ts";
import { bare } from "./fold.ts";
import type { RuleResult } from "./rule.ts";
import type { View } from "./view.ts";

/** Decided by versions against vulnerability data. */
const BY_FEED: ReadonlySet<string> = new Set(["5.2.1.1", "5.2.1.2", "5.2.5.1"]);
/** Decided by two states on the device's own timeline, or by comparing devices. */
const BY_HISTORY: ReadonlySet<string> = new Set(["5.2.3.1", "5.3.2.1", "5.4.1.3", "5.4.1.4"]);
const ONVIF_BY_NATURE: ReadonlySet<DeviceClass> = new Set(["camera", "recorder", "encoder", "vms", "other"]);
const WITHOUT_VIDEO: ReadonlySet<DeviceClass> = new Set(["switch", "access-point", "router", "printer", "phone"]);

function outOfScope(clause: Clause, view: View, input: AssessInput): RuleResult | null {
  const { device, profile } = input;
  if (clause.item === "5.2.6") {
    if (profile?.onvif === false) return bare("notapplicable", "profile-without-onvif", { profile: profile.id });
    if (!ONVIF_BY_NATURE.has(device.class) && view.completeSweep)
      return bare("notapplicable", "class-without-onvif", { class: device.class });
  }
  if (clause.item === "5.3.3" && !device.radioSeen && profile?.wired === true)
    return bare("notapplicable", "no-radio", { profile: profile.id });
  if (clause.aspect === "privacy" && WITHOUT_VIDEO.has(device.class) && view.completeSweep)
    return bare("notapplicable", "class-without-video", { class: device.class });
  return null;
}

export function undecided(clause: Clause, view: View, input: AssessInput): RuleResult {
  const settled = outOfScope(clause, view, input);
  if (settled !== null) return settled;
  if (clause.kind === "A") return bare("notchecked", "needs-attestation");
  if (BY_FEED.has(clause.id)) return bare("notchecked", "needs-feed");
  if (BY_HISTORY.has(clause.id)) return bare("notchecked", "needs-timeline");
  if (clause.tier === "credentialed") return bare("notchecked", "needs-credentials");
  if (clause.tier === "intrusive") return bare("notchecked", "needs-authorization");
  return bare("notchecked", "needs-probe");
}
