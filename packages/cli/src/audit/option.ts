/** Options of `vedette audit`: parsers of single values, and what they mean together. */
import { accessSync, constants } from "node:fs";
import { networkInterfaces } from "node:os";
import { type BudgetLimits, DEFAULT_LIMITS, parseConfig, type Tier } from "@vedette/agent";
import type { Decisions } from "@vedette/collector/audit";
import type { Language, Threshold } from "@vedette/report";
import { clauseById } from "@vedette/standard";
import { InvalidArgumentError } from "commander";
import { usage } from "../exit.ts";
import { readAttestations, readProfiles } from "./decision-file.ts";

export interface Flags {
  scope?: string[];
  exclude?: string[];
  interface?: string[];
  tier: "passive" | "polite";
  wifi?: string[];
  out?: string;
  lang: Language;
  site: string;
  profile?: string;
  attestations?: string;
  authorizedBy?: string;
  until?: number;
  rate?: number;
  fullSweep?: boolean;
  failOn?: Threshold[];
  json?: boolean;
}

export interface AuditPlan {
  readonly scope: readonly string[];
  readonly exclude: readonly string[];
  readonly interfaces: readonly string[] | undefined;
  readonly tier: Tier;
  readonly wifi: readonly string[];
  readonly budget: Partial<BudgetLimits>;
  readonly fullSweep: boolean;
  /** ms */
  readonly until: number | undefined;
  readonly site: string;
  readonly authorizedBy: string | null;
  readonly decisions: Decisions;
  readonly failOn: readonly Threshold[];
}

const NOT_YET: Readonly<Record<string, string>> = {
  credentialed: "credentials are not used yet",
  intrusive: "nothing that needs an authorization window is sent yet",
};

/** Tiers of this version; the others are named so that nobody thinks that they were looked at. */
export function tierOf(text: string): "passive" | "polite" {
  if (text === "passive" || text === "polite") return text;
  const why = NOT_YET[text];
  if (why !== undefined) throw usage(`--tier: ${text} is not offered by this version (${why}); use passive or polite`);
  throw new InvalidArgumentError("--tier is one of passive, polite.");
}

export function formatOf(text: string): "json" {
  if (text === "json") return text;
  throw usage(`--format: this version writes json alone; leave "${text}" out`);
}

export function thresholdOf(text: string, before: Threshold[] = []): Threshold[] {
  const level = /^level:([123])$/.exec(text)?.[1];
  if (level !== undefined) return [...before, { kind: "level", level: Number(level) as 1 | 2 | 3 }];
  const clause = /^clause:(.+)$/.exec(text)?.[1];
  if (clause !== undefined && clauseById(clause) !== null) return [...before, { kind: "clause", clause }];
  throw new InvalidArgumentError("--fail-on is level:1, level:2, level:3 or clause:ID, for example clause:5.3.1.1.");
}

/** RFC 3339 → ms */
export function timeOf(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('--until is an RFC 3339 time, for example "2026-02-04T18:00:00Z".');
  return ms;
}

export function each(text: string, before: string[] = []): string[] {
  return [...before, text];
}

/** The usual proportions of the three budgets at another rate of the site; none below 1/s. */
export function budgetOf(rate: number | undefined): Partial<BudgetLimits> {
  if (rate === undefined) return {};
  const share = (limit: number) => Math.max(1, (limit * rate) / DEFAULT_LIMITS.sitePerSecond);
  return {
    sitePerSecond: rate,
    hostPerSecond: share(DEFAULT_LIMITS.hostPerSecond),
    sweepHostPerSecond: share(DEFAULT_LIMITS.sweepHostPerSecond),
  };
}

/** @throws CommandError or ConfigError with status 2: one sentence that names the option and the fix */
export function planOf(flags: Flags, now: number): AuditPlan {
  if (flags.scope === undefined)
    throw usage(
      "--scope is missing: name the networks that may be looked at, for example --scope 192.168.20.0/24; nothing else is sent to",
    );
  const { scope, exclude } = checkedScope(flags);
  const known = networkInterfaces();
  for (const name of flags.interface ?? [])
    if (known[name] === undefined) throw usage(`--interface: there is no "${name}" here; one of ${Object.keys(known).join(", ")}`);
  for (const file of flags.wifi ?? []) checkReadable(file);
  if (flags.until !== undefined && flags.until <= now) throw usage("--until: lies in the past; give a time to come");
  return {
    scope,
    exclude,
    interfaces: flags.interface,
    tier: flags.tier,
    wifi: flags.wifi ?? [],
    budget: budgetOf(flags.rate),
    fullSweep: flags.fullSweep === true,
    until: flags.until,
    site: flags.site,
    authorizedBy: flags.authorizedBy ?? null,
    decisions: {
      profiles: flags.profile === undefined ? [] : readProfiles(flags.profile),
      attestations: flags.attestations === undefined ? [] : readAttestations(flags.attestations),
      memberships: [],
      names: [],
      overrules: [],
    },
    failOn: flags.failOn ?? [],
  };
}

/** The same check as that of an agent's config, so that both refuse the same scopes. */
function checkedScope(flags: Flags): { scope: readonly string[]; exclude: readonly string[] } {
  try {
    return parseConfig({ data: "audit", scope: flags.scope, exclude: flags.exclude ?? [] });
  } catch (error) {
    throw usage(`--${error instanceof Error ? error.message : String(error)}`);
  }
}

function checkReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw usage(`--wifi: ${file} cannot be read; give the path of a capture file (pcap or pcapng)`);
  }
}
