/** What a newly derived present adds to what is stored: rows, and nothing where nothing differs. */
import { eventText, type Status } from "@vedette/standard";
import { canonical } from "./canonical.ts";
import { changesOf, type Told } from "./change.ts";
import { fromColumnTime, toColumnTime } from "./column-time.ts";
import { beliefRows } from "./difference-belief.ts";
import { eventsFor, type Regrouping } from "./event.ts";
import { evidenceRows, type ObservationLookup } from "./evidence.ts";
import type { BssRow, DeviceRow, IdentifierRow, Rows, SummaryRow } from "./row.ts";
import { bssKey, identifierKey, type StoredPresent, sameRow } from "./stored.ts";
import { apiDevice, worstOf } from "./summary.ts";
import type { Device, SitePresent } from "./types.ts";

export interface DifferenceContext {
  readonly tenant: string;
  readonly site: string;
  /** Time of deriving, ms: when a grouping was found to differ. */
  readonly at: number;
  readonly hash: (text: string) => string;
  /** Finds what is cited, to keep it as evidence. */
  readonly observation: ObservationLookup;
}

/** `lastSeenAt` alone is written no finer than this, ms. */
const LAST_SEEN_STEP_MS = 60_000;

/** Device as recorded: without what every confirmation moves. */
function bodyOf(device: Device): string {
  const { lastSeenAt: _, coverage, ...rest } = device;
  // Coverage says what was looked at; the last time of each look stands in the looks themselves.
  const tcp = coverage.tcp.map(({ first, last }) => ({ first, last }));
  return canonical({
    ...rest,
    coverage: {
      ...coverage,
      tcp: [...new Map(tcp.map((r) => [`${r.first}-${r.last}`, r])).values()],
      completeSweepAt: coverage.completeSweepAt,
    },
  });
}

function deviceRows(stored: StoredPresent, present: SitePresent, cx: DifferenceContext): DeviceRow[] {
  const { tenant, site } = cx;
  const out: DeviceRow[] = [];
  const alive = new Set(present.devices.map((d) => d.id));
  const bearer = new Map(present.devices.flatMap((d) => d.aliases.map((a) => [a, d.id] as const)));
  for (const d of present.devices) {
    const body = bodyOf(d);
    const before = stored.devices.get(d.id);
    if (before !== undefined && !before.gone && before.body === body && before.founding === d.founding) continue;
    out.push({ tenant, site, device: d.id, founding: d.founding, alias_of: "", gone: false, body });
  }
  for (const [id, before] of stored.devices) {
    if (alive.has(id)) continue;
    const aliasOf = bearer.get(id) ?? "";
    if (before.gone && before.aliasOf === aliasOf) continue;
    out.push({ tenant, site, device: id, founding: before.founding, alias_of: aliasOf, gone: true, body: "" });
  }
  return out;
}

function identifierRows(stored: StoredPresent, present: SitePresent, cx: DifferenceContext): IdentifierRow[] {
  const { tenant, site } = cx;
  const out: IdentifierRow[] = [];
  const now = new Set<string>();
  for (const d of present.devices) {
    for (const { kind, value, joins, cloned, firstSeenAt, observation } of d.identifiers) {
      const row: IdentifierRow = {
        tenant,
        site,
        kind,
        value,
        device: d.id,
        joins,
        cloned,
        first_seen_at: toColumnTime(firstSeenAt),
        observation,
        gone: false,
      };
      const key = identifierKey(row);
      now.add(key);
      if (!sameRow(stored.identifiers.get(key), row, ["joins", "cloned", "first_seen_at", "observation"])) out.push(row);
    }
  }
  for (const [key, row] of stored.identifiers) {
    if (!now.has(key)) {
      const { kind, value, device, joins, cloned, first_seen_at, observation } = row;
      out.push({ tenant, site, kind, value, device, joins, cloned, first_seen_at, observation, gone: true });
    }
  }
  return out;
}

function summaryRow(d: Device, cx: DifferenceContext, failing: readonly string[]): SummaryRow {
  return {
    tenant: cx.tenant,
    site: cx.site,
    device: d.id,
    name: d.friendlyName,
    class: d.class,
    membership: d.membership,
    vendor: d.vendor?.value ?? "",
    model: d.model?.value ?? "",
    firmware: d.firmware?.value ?? "",
    addresses: d.addresses,
    failing,
    proven: d.level.proven,
    possible: d.level.possible,
    status: worstOf(d.counts),
    first_seen_at: toColumnTime(d.firstSeenAt),
    last_seen_at: toColumnTime(d.lastSeenAt),
    vanished_at: d.vanishedAt === null ? null : toColumnTime(d.vanishedAt),
    body: JSON.stringify(apiDevice(d, cx.tenant, cx.site, failing)),
    gone: false,
  };
}

function withoutLastSeen(row: SummaryRow): string {
  const { lastSeenAt: _, ...body } = JSON.parse(row.body) as Record<string, unknown>;
  return canonical({ body, vanished: row.vanished_at === null ? null : fromColumnTime(row.vanished_at), status: row.status });
}

/** Whether a device was last seen so much later (or earlier) than its summary says that it is written, though nothing else differs. */
export function isSeenAnew(before: Pick<SummaryRow, "last_seen_at"> | undefined, lastSeenAt: number): boolean {
  return before === undefined || Math.abs(lastSeenAt - fromColumnTime(before.last_seen_at)) >= LAST_SEEN_STEP_MS;
}

function summaryRows(stored: StoredPresent, present: SitePresent, cx: DifferenceContext): SummaryRow[] {
  const failingOf = new Map<string, string[]>();
  const last = new Map<string, Status | "retracted">();
  for (const b of present.beliefs) last.set(`${b.device}|${b.clause}`, b.status);
  for (const [key, status] of last) {
    const [device, clause] = key.split("|") as [string, string];
    if (status === "fail") failingOf.set(device, [...(failingOf.get(device) ?? []), clause]);
  }
  const out: SummaryRow[] = [];
  for (const d of present.devices) {
    const row = summaryRow(d, cx, (failingOf.get(d.id) ?? []).sort());
    const before = stored.summaries.get(d.id);
    const same = before !== undefined && withoutLastSeen(before) === withoutLastSeen(row);
    if (same && !isSeenAnew(before, d.lastSeenAt)) continue;
    out.push(row);
  }
  const alive = new Set(present.devices.map((d) => d.id));
  for (const [id, row] of stored.summaries) if (!alive.has(id)) out.push({ ...row, tenant: cx.tenant, site: cx.site, gone: true });
  return out;
}

function bssRows(stored: StoredPresent, present: SitePresent, cx: DifferenceContext): BssRow[] {
  const out: BssRow[] = [];
  const now = new Set<string>();
  for (const { bssid, ssid, device, facts, observedAt } of present.bss) {
    const row: BssRow = {
      tenant: cx.tenant,
      site: cx.site,
      bssid,
      ssid,
      device: device ?? "",
      facts: canonical(facts),
      observed_at: toColumnTime(observedAt),
      gone: false,
    };
    const before = stored.bss.get(bssKey(row));
    now.add(bssKey(row));
    const moved = before === undefined || Math.abs(observedAt - fromColumnTime(before.observed_at)) >= LAST_SEEN_STEP_MS;
    if (moved || !sameRow(before, row, ["device", "facts"])) out.push(row);
  }
  for (const [key, row] of stored.bss) if (!now.has(key)) out.push({ ...row, tenant: cx.tenant, site: cx.site, gone: true });
  return out;
}

function regroupingsOf(stored: StoredPresent, present: SitePresent, cx: DifferenceContext): Regrouping[] {
  const out: Regrouping[] = [];
  const make = (device: string, change: "device-merged" | "device-split", from: string, to: string, more: Record<string, string>): Told => {
    const parameters = { from, to, ...more };
    const reason = eventText(change, parameters);
    return {
      device,
      kind: "device",
      change,
      clause: null,
      at: cx.at,
      from,
      to,
      code: change,
      parameters,
      severity: "info",
      evidence: [],
      reason,
      topic: `${change}|${from}|${to}`,
    };
  };
  for (const d of present.devices) {
    for (const alias of d.aliases) {
      const before = stored.devices.get(alias);
      if (before === undefined || (before.gone && before.aliasOf === d.id)) continue;
      const join = d.joins.at(-1);
      const told = make(d.id, "device-merged", alias, d.id, { identifier: join?.identifier ?? "", value: join?.value ?? "" });
      out.push({ told, takesBack: alias });
    }
    const before = stored.devices.get(d.id);
    if (before?.gone === true && before.aliasOf !== "")
      out.push({ told: make(d.id, "device-split", before.aliasOf, d.id, { reason: "" }), takesBack: null });
  }
  return out;
}

/**
 * @param stored what is believed now; after `applyRows` of the result a second difference is empty
 * @returns rows without recorded_at, bucket, era and seq
 */
export function difference(stored: StoredPresent, present: SitePresent, cx: DifferenceContext): Rows {
  const bearers = new Map(present.devices.flatMap((d) => d.aliases.map((a) => [a, d.id] as const)));
  const { belief, state } = beliefRows(stored, present, bearers, cx);
  const event = eventsFor(changesOf(present), regroupingsOf(stored, present, cx), stored, (id) => bearers.get(id) ?? id, cx);
  return {
    evidence: evidenceRows(stored, belief, event, cx),
    identifier: identifierRows(stored, present, cx),
    device: deviceRows(stored, present, cx),
    belief,
    event,
    bss: bssRows(stored, present, cx),
    state,
    summary: summaryRows(stored, present, cx),
  };
}
