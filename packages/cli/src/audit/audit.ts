/** One visit: look at everything in scope once, judge it by the same derive code as the collector, put it into a report. */
import { estimateRound, observeSite, type Progress } from "@vedette/agent";
import { type DeviceDetail, presentOf, storedRound } from "@vedette/collector/audit";
import { type AuditReport, auditReport } from "@vedette/report";
import type { Logger } from "pino";
import type { AuditPlan } from "./option.ts";

/** A device announces itself again within half of the 1,800 s for which it should be believed (UPnP Device Architecture 1.1, 1.2.2). */
const PASSIVE_MS = 15 * 60_000;

/** As `vedette up` names its own: an audit belongs to no centre. */
const TENANT = "local";

export interface AuditParts {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly probeLog: string;
  readonly onProgress: (progress: Progress) => void;
}

function duration(ms: number): string {
  if (ms < 90_000) return `${Math.max(1, Math.round(ms / 1000))} s`;
  return ms < 5_400_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

function listeningMs(plan: AuditPlan, now: number): number {
  return plan.until === undefined ? PASSIVE_MS : Math.max(0, plan.until - now);
}

/** Duration and budget, said before the first packet. */
export function announcement(plan: AuditPlan, now: number): string[] {
  const { addresses, leftOut, searchMs, deviceMs, sweepMs, budget } = estimateRound(plan);
  if (plan.tier === "passive")
    return [`Listening to ${plan.scope.join(", ")} for ${duration(listeningMs(plan, now))}; nothing is sent. Ctrl-C ends it earlier.`];
  const lines = [
    `Looking at ${plan.scope.join(", ")}: ${addresses} addresses, searched in about ${duration(searchMs)}; each device found takes about ${duration(deviceMs)}, several side by side.`,
    `Budget: at most ${budget.sitePerSecond} connection attempts a second over the site, ${budget.hostPerSecond} to one device${plan.fullSweep ? `, ${budget.sweepHostPerSecond} in a sweep` : ""}.`,
  ];
  if (leftOut > 0) lines.push(`${leftOut} addresses beyond the first ${addresses} are found only where they announce themselves.`);
  if (plan.fullSweep) lines.push(`The full sweep takes about ${duration(sweepMs)} for each device.`);
  return lines;
}

/** @throws ScopeError; errors of the file system where the probe log cannot be written */
export async function audit(plan: AuditPlan, parts: AuditParts): Promise<AuditReport<DeviceDetail>> {
  const seen = await observeSite({
    scope: plan.scope,
    exclude: plan.exclude,
    ...(plan.interfaces === undefined ? {} : { interfaces: plan.interfaces }),
    tier: plan.tier,
    wifi: plan.wifi,
    budget: plan.budget,
    fullSweep: plan.fullSweep,
    ...(plan.tier === "passive" ? { listenMs: listeningMs(plan, Date.now()) } : {}),
    probeLog: parts.probeLog,
    logger: parts.logger,
    signal: parts.signal,
    onProgress: parts.onProgress,
  });
  const { observations, refused } = storedRound({
    tenant: TENANT,
    site: plan.site,
    agent: `audit-${seen.epoch.id.slice(0, 16)}`,
    epoch: seen.epoch,
    observations: seen.observations,
  });
  for (const { seq, reason } of refused) parts.logger.error({ seq, reason }, "an observation was refused");
  const present = presentOf({ tenant: TENANT, site: plan.site, observations, decisions: plan.decisions }, seen.endedAtMs);
  return auditReport({
    site: plan.site,
    scope: plan.scope,
    exclude: plan.exclude,
    tier: plan.tier,
    startedAt: seen.startedAtMs,
    endedAt: seen.endedAtMs,
    probeLogHash: seen.probeLogHash,
    authorizedBy: plan.authorizedBy,
    devices: present.devices,
    bss: present.bss,
    notLookedAt: seen.notLookedAt,
  });
}
