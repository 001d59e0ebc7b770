/** One visit to a site as a document: `report.json` of `vedette audit` (docs/audit.md). Pure. */
import { eventText, RULES_VERSION, STANDARD } from "@vedette/standard";
import { judgeBss } from "./bss.ts";
import { siteLevel } from "./site-level.ts";
import type { AuditInput, AuditReport, Exposure, ExposureInput, ReportedDevice } from "./types.ts";

function exposureOf({ change, at, severity, parameters, evidence }: ExposureInput): Exposure {
  return { change, at: new Date(at).toISOString(), severity, reason: eventText(change, parameters), parameters, evidence };
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
    devices: input.devices.map(({ device, assessment, exposures }) => ({
      ...device,
      assessment,
      exposures: exposures.map(exposureOf),
    })),
    bss: input.bss.map((b) => judgeBss(b, input.endedAt)),
    notLookedAt: input.notLookedAt,
  };
}
