/** What is believed of a site, kept device by device, so that a difference costs as much as the devices that may differ. */
import { changesOf, type Told } from "./change.ts";
import { standing, topicOf } from "./event.ts";
import { isEmpty, type Rows, type SummaryRow } from "./row.ts";
import { applyRows, beliefKey, knownOf, NOTHING_STORED, type StoredPresent } from "./stored.ts";
import type { SiteInput, SitePresent } from "./types.ts";

/** Under which part what belongs to no device is kept. */
const NO_DEVICE = "";

type Mapped = Exclude<keyof StoredPresent, "evidence">;

const OWNER: { readonly [K in Mapped]: (key: string, value: StoredPresent[K] extends ReadonlyMap<string, infer V> ? V : never) => string } =
  {
    beliefs: (_, row) => row.device,
    devices: (id) => id,
    identifiers: (_, row) => row.device,
    events: (_, event) => event.device,
    states: (_, row) => row.device,
    summaries: (id) => id,
    bss: () => NO_DEVICE,
  };
const FIELDS = Object.keys(OWNER) as Mapped[];

type AnyMap = ReadonlyMap<string, never>;

function merged(parts: readonly StoredPresent[], evidence: ReadonlySet<string>): StoredPresent {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const maps = FIELDS.map((field) => [field, new Map(parts.flatMap((p) => [...(p[field] as AnyMap)]))] as const);
  return { ...(Object.fromEntries(maps) as unknown as StoredPresent), evidence };
}

function toldKey(o: Pick<Told, "device" | "topic" | "at" | "from" | "to">): string {
  return JSON.stringify([o.device, o.topic, o.at, o.from, o.to]);
}

export class StoredSite {
  readonly #parts = new Map<string, StoredPresent>();
  readonly #evidence: Set<string>;
  readonly #eventOwner = new Map<string, string>();
  /** Devices of which one was an alias of the other, or whose events revise each other: they are compared together or not at all. */
  readonly #kin = new Map<string, Set<string>>();
  #known: SiteInput["known"];

  constructor(stored: StoredPresent) {
    this.#evidence = new Set(stored.evidence);
    const parts = new Map<string, Record<Mapped, Map<string, never>>>();
    for (const field of FIELDS) {
      const ownerOf = OWNER[field] as (key: string, value: never) => string;
      for (const [key, value] of stored[field] as AnyMap) {
        const owner = ownerOf(key, value);
        let part = parts.get(owner);
        if (part === undefined) {
          part = Object.fromEntries(FIELDS.map((f) => [f, new Map()])) as unknown as Record<Mapped, Map<string, never>>;
          parts.set(owner, part);
        }
        part[field].set(key, value);
      }
    }
    for (const [owner, part] of parts) this.#parts.set(owner, { ...(part as unknown as StoredPresent), evidence: this.#evidence });
    this.#known = knownOf(stored);
    for (const { id, device } of stored.events.values()) this.#eventOwner.set(id, device);
    for (const { device, revises } of stored.events.values()) this.#relate(device, revises);
    for (const [id, { aliasOf }] of stored.devices) if (aliasOf !== "") this.#link(id, aliasOf);
  }

  #link(a: string, b: string): void {
    if (a === b) return;
    this.#kin.set(a, (this.#kin.get(a) ?? new Set()).add(b));
    this.#kin.set(b, (this.#kin.get(b) ?? new Set()).add(a));
  }

  #relate(device: string, revises: readonly string[]): void {
    for (const id of revises) this.#link(device, this.#eventOwner.get(id) ?? device);
  }

  /** @returns these devices and all that must be compared together with them, those that are gone too */
  related(ids: Iterable<string>): Set<string> {
    const out = new Set(ids);
    for (const id of out) for (const kin of this.#kin.get(id) ?? []) out.add(kin);
    return out;
  }

  summary(device: string): SummaryRow | undefined {
    return this.#parts.get(device)?.summaries.get(device);
  }

  /** Recorded foundings; the same object until one is added or changed. */
  get known(): SiteInput["known"] {
    return this.#known;
  }

  /** @param only ids of devices, with all related ones; what belongs to none is always in it */
  present(only?: Iterable<string>): StoredPresent {
    const ids = only === undefined ? [...this.#parts.keys()] : [...new Set([NO_DEVICE, ...only])];
    return merged(
      ids.map((id) => this.#parts.get(id) ?? { ...NOTHING_STORED, evidence: this.#evidence }),
      this.#evidence,
    );
  }

  /** Whether a device's past concerns no other device. */
  isAlone(device: string): boolean {
    return !this.#kin.has(device);
  }

  /**
   * Forgets the past of devices that stand alone, as a present does that no longer tells of it: beliefs that are not in it, and events
   * that it does not give rise to. Nothing may be in it that is not stored.
   */
  forget(present: SitePresent): void {
    const told = new Set(changesOf(present).map(toldKey));
    const believed = new Set(present.beliefs.map(beliefKey));
    for (const { id } of present.devices) {
      const part = this.#parts.get(id);
      if (part === undefined || !this.isAlone(id)) continue;
      const stand = standing(part).filter((e) => told.has(toldKey({ ...e, topic: topicOf(e) })));
      for (const event of part.events.keys()) this.#eventOwner.delete(event);
      for (const { id: event } of stand) this.#eventOwner.set(event, id);
      this.#parts.set(id, {
        ...part,
        beliefs: new Map([...part.beliefs].filter(([key]) => believed.has(key))),
        events: new Map(stand.map((e) => [e.id, e])),
      });
    }
  }

  /** @param recordedAt of the changeset, ms */
  apply(rows: Rows, recordedAt: number): void {
    if (isEmpty(rows)) return;
    for (const { observation } of rows.evidence) this.#evidence.add(observation);
    for (const { id, device } of rows.event) this.#eventOwner.set(id, device);
    for (const { device, revises } of rows.event) this.#relate(device, revises);
    for (const row of rows.device) if (row.alias_of !== "") this.#link(row.device, row.alias_of);
    const device = (row: { readonly device: string }): string => row.device;
    const lists = {
      identifier: Map.groupBy(rows.identifier, device),
      device: Map.groupBy(rows.device, device),
      belief: Map.groupBy(rows.belief, device),
      event: Map.groupBy(rows.event, device),
      state: Map.groupBy(rows.state, device),
      summary: Map.groupBy(rows.summary, device),
      bss: new Map(rows.bss.length === 0 ? [] : [[NO_DEVICE, [...rows.bss]]]),
    };
    for (const owner of new Set(Object.values(lists).flatMap((l) => [...l.keys()]))) {
      const own = Object.fromEntries(Object.entries(lists).map(([table, l]) => [table, l.get(owner) ?? []])) as unknown as Omit<
        Rows,
        "evidence"
      >;
      const part = this.#parts.get(owner) ?? { ...NOTHING_STORED, evidence: this.#evidence };
      this.#parts.set(owner, applyRows(part, { ...own, evidence: [] }, recordedAt));
    }
    if (rows.device.length > 0) this.#known = new Map([...this.#parts.values()].flatMap((p) => [...knownOf(p)]));
  }
}
