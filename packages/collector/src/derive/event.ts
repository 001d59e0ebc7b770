/** Events are the difference of what was told and what is to be told; a revision names what it revises. */
import { eventText } from "@vedette/standard";
import { canonical, compareText } from "./canonical.ts";
import type { Told } from "./change.ts";
import { toColumnTime } from "./column-time.ts";
import { withdrawalKind } from "./occurrence.ts";
import type { EventRow } from "./row.ts";
import type { StoredEvent, StoredPresent } from "./stored.ts";

export interface EventContext {
  readonly tenant: string;
  readonly site: string;
  readonly hash: (text: string) => string;
}

/** A change of grouping between two presents. */
export interface Regrouping {
  readonly told: Told;
  /** The device whose own events it takes back; null: none. */
  readonly takesBack: string | null;
}

const WITHDRAWN = "withdrawn";

/** Id of an event: the hash of what it says and of what it revises. */
function idOf(told: Told, revises: readonly string[], { hash }: EventContext): string {
  const { device, kind, change, clause, at, from, to, code, parameters, evidence } = told;
  return hash(`event|${canonical([device, kind, change, clause, toColumnTime(at), from, to, code, parameters, evidence, revises])}`);
}

export function eventRow(told: Told, revises: readonly string[], stored: StoredPresent, cx: EventContext): EventRow {
  const { device, kind, change, clause, from, to, code, parameters, severity, evidence, reason, topic } = told;
  const at = toColumnTime(told.at);
  let names = [...revises].sort(compareText);
  let id = idOf(told, names, cx);
  // Told before, taken back since, and true again: it revises what took it back.
  for (let before = id; stored.events.has(id); before = id) {
    const reviser = [...stored.events.values()].find((e) => e.revises.includes(before));
    if (reviser === undefined || names.includes(reviser.id)) break;
    names = [...names, reviser.id].sort(compareText);
    id = idOf(told, names, cx);
  }
  const data = {
    device,
    ...(clause === null ? {} : { clause }),
    change,
    from,
    to,
    code,
    parameters,
    reason,
    severity,
    evidence,
    ...(names.length === 0 ? {} : { revises: names }),
  };
  const body = {
    specversion: "1.0",
    id,
    source: `/vedette/${cx.tenant}/${cx.site}`,
    type: `vedette.v1.${kind}`,
    ...(device === "" ? {} : { subject: device }),
    time: at,
    datacontenttype: "application/json",
    data,
  };
  return {
    tenant: cx.tenant,
    site: cx.site,
    id,
    device,
    kind,
    clause: clause ?? "",
    at,
    key: `${device}|${topic}`,
    revises: names,
    body: JSON.stringify(body),
  };
}

export function topicOf(event: StoredEvent): string {
  return event.key.slice(event.device.length + 1);
}

function withdrawal(events: readonly StoredEvent[], device: string, topic: string): Told {
  const last = events.at(-1) as StoredEvent;
  const clause = topic.startsWith("verdict|") ? topic.slice("verdict|".length) : null;
  const parameters = { change: last.change, at: toColumnTime(last.at) };
  return {
    device,
    kind: withdrawalKind(last.change),
    change: WITHDRAWN,
    clause,
    at: last.at,
    from: last.to,
    to: last.from,
    code: "event-withdrawn",
    parameters,
    severity: "info",
    evidence: [],
    reason: eventText("event-withdrawn", parameters),
    topic,
  };
}

/** Events that stand: neither revised by a later one nor themselves only a withdrawal, a regrouping or a correction. */
export function standing(stored: StoredPresent): StoredEvent[] {
  const revised = new Set([...stored.events.values()].flatMap((e) => e.revises));
  const passing = new Set([WITHDRAWN, "device-merged", "device-split", "sweep-corrected"]);
  return [...stored.events.values()].filter((e) => !revised.has(e.id) && !passing.has(e.change));
}

/**
 * Of several changes at one moment the very one that the event tells comes first: told by another event, it would be told again under this one's id.
 * @returns place in `fresh` of the change that the event tells, -1 where it is none of them
 */
function placeOf(event: StoredEvent, fresh: readonly Told[], cx: EventContext): number {
  const same = fresh.flatMap((t, i) => (t.at === event.at && t.from === event.from && t.to === event.to ? [i] : []));
  if (same.length < 2) return same[0] ?? -1;
  return same.find((i) => idOf(fresh[i] as Told, event.revises, cx) === event.id) ?? (same[0] as number);
}

function byTopic<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const list = out.get(key);
    if (list === undefined) out.set(key, [item]);
    else list.push(item);
  }
  return out;
}

/**
 * @param bearer the id that bears a device's group now: the id itself but for aliases
 * @returns one event for each change that was not told as it is; what is no longer true is revised by the change that came in its
 * place, by the regrouping that took the device back, else by a withdrawal
 */
export function eventsFor(
  told: readonly Told[],
  regroupings: readonly Regrouping[],
  stored: StoredPresent,
  bearer: (device: string) => string,
  cx: EventContext,
): EventRow[] {
  const before = byTopic(standing(stored), (e) => `${bearer(e.device)}|${topicOf(e)}`);
  const after = byTopic(told, (t) => `${t.device}|${t.topic}`);
  const out: EventRow[] = [];
  const takenBack = new Map<string, string[]>();
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort(compareText)) {
    const fresh = [...(after.get(key) ?? [])];
    const lost: StoredEvent[] = [];
    for (const event of (before.get(key) ?? []).toSorted((a, b) => a.at - b.at || compareText(a.id, b.id))) {
      const place = placeOf(event, fresh, cx);
      if (place === -1) lost.push(event);
      else fresh.splice(place, 1);
    }
    fresh.forEach((t, i) => {
      const last = i === fresh.length - 1;
      const revised = last ? lost.splice(0) : lost.splice(0, 1);
      out.push(
        eventRow(
          t,
          revised.map((e) => e.id),
          stored,
          cx,
        ),
      );
    });
    const [first] = lost;
    if (first === undefined) continue;
    const device = first.device;
    if (regroupings.some((r) => r.takesBack === device))
      takenBack.set(device, [...(takenBack.get(device) ?? []), ...lost.map((e) => e.id)]);
    else
      out.push(
        eventRow(
          withdrawal(lost, bearer(device), topicOf(first)),
          lost.map((e) => e.id),
          stored,
          cx,
        ),
      );
  }
  for (const { told: t, takesBack } of regroupings)
    out.push(eventRow(t, takesBack === null ? [] : (takenBack.get(takesBack) ?? []), stored, cx));
  return out;
}
