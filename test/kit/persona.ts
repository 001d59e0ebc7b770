/** Personas of the simulated site as the API shows them, held against the table of what must be found. */
import type { Device } from "@vedette/collector/src/api/shape.ts";
import { type DriftExpectation, EXPECTATIONS, EXPECTED_CLAUSES, type PersonaExpectation } from "../site/expected.ts";
import type { PersonaState, SiteState } from "../site/state.ts";
import type { RecordedEvent, RestApi } from "./rest.ts";

export interface SiteView {
  readonly devices: readonly Device[];
  /** Persona → the devices at its address: one, where all is well. */
  readonly found: ReadonlyMap<string, readonly Device[]>;
}

export async function viewSite(api: RestApi, state: SiteState): Promise<SiteView> {
  const devices = await api.devices();
  const at = ({ address }: PersonaState) => devices.filter((d) => d.addresses.includes(address));
  return { devices, found: new Map(Object.entries(state.personas).map(([name, persona]) => [name, at(persona)])) };
}

async function mismatchesOf(api: RestApi, expected: PersonaExpectation, devices: readonly Device[]): Promise<string[]> {
  const { persona } = expected;
  const [device] = devices;
  if (device === undefined || devices.length !== 1) return [`${persona}: ${devices.length} devices at its address`];
  const found: string[] = [];
  const compare = (what: string, is: unknown, wanted: unknown) => {
    if (String(is) !== String(wanted)) found.push(`${persona}: ${what} is ${String(is)}, not ${String(wanted)}`);
  };
  compare("class", device.class, expected.class);
  compare("membership", device.membership, expected.membership);
  compare("sources", [...device.sources].sort(), expected.sources);
  compare("possible level", device.level.possible, expected.possibleLevel);
  compare("proven level", device.level.proven, 0);
  const { verdicts } = await api.assessment(device.id);
  compare("number of verdicts", verdicts.length, 54);
  for (const clause of EXPECTED_CLAUSES) {
    const verdict = verdicts.find((v) => v.clause === clause);
    compare(`${clause} (${verdict?.code})`, verdict?.status, expected.verdicts[clause]);
    if (verdict?.status === "fail" && verdict.evidence.length === 0) found.push(`${persona}: ${clause} fails without evidence`);
  }
  return found;
}

/** What differs from the table; empty where every persona is found as it says, and nothing else. */
export async function mismatches(api: RestApi, state: SiteState): Promise<string[]> {
  const view = await viewSite(api, state);
  const differ = await Promise.all(EXPECTATIONS.map((e) => mismatchesOf(api, e, view.found.get(e.persona) ?? [])));
  const known = new Set([...view.found.values()].flat().map((d) => d.id));
  const strange = view.devices.filter((d) => !known.has(d.id)).map((d) => `a device that is no persona: ${d.addresses.join(" ")}`);
  return [...differ.flat(), ...strange];
}

export function kindOf(event: RecordedEvent): string {
  return event.type.split(".").at(-1) ?? "";
}

/** The true port of the one that a persona could bind, "23/tcp" as events say it → "tcp/23" as the table does. */
function serviceOf(event: RecordedEvent, persona: PersonaState): string | null {
  const { endpoint } = event.data["parameters"] as { endpoint?: string };
  if (endpoint === undefined) return null;
  const [port, transport] = endpoint.split("/");
  const substituted = Object.entries(persona.ports).find(([true_, bound]) => bound === Number(port) && true_.startsWith(`${transport}/`));
  return substituted?.[0] ?? `${transport}/${port}`;
}

/** An event in the words of `expectedLines`. */
export function lineOf(event: RecordedEvent, persona: PersonaState): string {
  const { clause, change, from, to } = event.data;
  const kind = kindOf(event);
  if (clause !== undefined) return `${kind} ${clause} ${from} > ${to}`;
  if (change === "evidence-expired") return `${kind} ${change} ${from}`;
  return `${kind} ${change} ${serviceOf(event, persona) ?? "-"}`;
}

export function expectedLines(row: DriftExpectation): string[] {
  return row.events.map((e) => ("clause" in e ? `${e.kind} ${e.clause} ${e.from} > ${e.to}` : `${e.kind} ${e.change} ${e.service ?? "-"}`));
}
