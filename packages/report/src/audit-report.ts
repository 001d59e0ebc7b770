/** One visit to a site as a document: `report.json` of `vedette audit` (docs/audit.md). Pure. */
import { eventText, RULES_VERSION, STANDARD } from "@vedette/standard";
import { judgeBss } from "./bss.ts";
import { siteLevel } from "./site-level.ts";
import type { AuditInput, AuditReport, Exposure, ExposureInput, ReportedDevice } from "./types.ts";

function exposureOf({ change, at, severity, parameters, evidence }: ExposureInput): Exposure {
  return { change, at: new Date(at).toISOString(), severity, reason: eventText(change, parameters), parameters, evidence };
}

/** 198.18.0.9 before 198.18.0.10; what has no address now comes last. */
const BY_ADDRESS = new Intl.Collator("en", { numeric: true });

function inOrder(a: ReportedDevice, b: ReportedDevice): number {
  return BY_ADDRESS.compare(a.addresses[0] ?? "~", b.addresses[0] ?? "~") || (a.id < b.id ? -1 : 1);
}

export function auditReport<D extends ReportedDevice>(input: AuditInput<D>): AuditReport<D> {
  const { site, scope, exclude, tier, probeLogHash, authorizedBy } = input;
  return {
    audit: {
      site,
      scope,
      exclude,
      tier,
      startedAt: new Date(input.startedAt).toISOString(),
      endedAt: new Date(input.endedAt).toISOString(),
      catalogue: STANDARD.id,
      rules: RULES_VERSION,
      probeLogHash,
      authorizedBy,
    },
    level: siteLevel(input.devices.map(({ device, assessment }) => ({ membership: device.membership, assessment }))),
    devices: input.devices
      .map(({ device, assessment, exposures }) => ({ ...device, assessment, exposures: exposures.map(exposureOf) }))
      .sort(inOrder),
    bss: input.bss.map((b) => judgeBss(b, input.endedAt)),
    notLookedAt: input.notLookedAt,
  };
}
