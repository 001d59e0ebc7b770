/**
 * What one host has said of itself by multicast DNS: records over packets, joined into services. Time-to-live, cache-flush and goodbyes by
 * RFC 6762 10; instance names may hold dots (RFC 6763 4.1.1), so the type is told from the end.
 */
import type { MdnsRecord, Rdata } from "./wire.ts";

export interface MdnsService {
  /** "_rtsp._tcp" */
  readonly type: string;
  readonly instance: string;
  readonly port: number;
  readonly target: string;
  readonly txt: readonly string[];
}

export interface CacheChange {
  readonly kind: "appeared" | "changed" | "gone";
  readonly service: MdnsService;
}

interface Held {
  readonly record: MdnsRecord;
  readonly expiresAt: number;
  readonly heardAt: number;
}

const MAX_RECORDS = 512;
const ENUMERATION = "_services._dns-sd._udp.local";
/** RFC 6762 10.2: records of the same burst survive the flush. */
const FLUSH_AFTER_MS = 1000;

export class RecordCache {
  readonly #held = new Map<string, Held>();
  readonly #goodbyes = new Set<string>();

  /** Takes the records of one message. @param now monotonic, ms @returns what became of services by it, goodbyes included */
  add(records: readonly MdnsRecord[], now: number): CacheChange[] {
    const before = this.#byKey();
    this.#expire(now);
    for (const record of records) this.#take(record, now);
    return differences(before, this.#byKey());
  }

  /** Sorted by type, then instance. An instance counts once its SRV record is known. */
  services(): MdnsService[] {
    const texts = new Map<string, readonly string[]>();
    for (const { record } of this.#held.values()) if (record.type === "TXT") texts.set(lower(record.name), record.entries);
    const found: MdnsService[] = [];
    for (const { record } of this.#held.values()) {
      const name = record.type === "SRV" ? splitInstance(record.name) : undefined;
      if (record.type !== "SRV" || !name) continue;
      found.push({ ...name, port: record.port, target: record.target, txt: texts.get(lower(record.name)) ?? [] });
    }
    return found.sort((a, b) => compare(a.type, b.type) || compare(a.instance, b.instance) || a.port - b.port);
  }

  /** Names ending in .local that have this address, sorted. */
  hostNames(address: string): string[] {
    const names = new Set<string>();
    for (const { record } of this.#held.values()) {
      if ((record.type === "A" || record.type === "AAAA") && record.address === address && lower(record.name).endsWith(".local"))
        names.add(record.name);
    }
    return [...names].sort(compare);
  }

  /** Whether a host name is the sender's own, as far as its records tell: one without addresses is. */
  isOwn(hostName: string, address: string): boolean {
    const told = [...this.#held.values()].flatMap(({ record }) =>
      (record.type === "A" || record.type === "AAAA") && lower(record.name) === lower(hostName) ? [record.address] : [],
    );
    return told.length === 0 || told.includes(address);
  }

  /** Instances whose records were withdrawn, sorted. */
  goodbyes(): string[] {
    return [...this.#goodbyes].sort(compare);
  }

  /** Service types that were enumerated or had an instance. */
  types(): string[] {
    const types = new Set<string>();
    for (const { record } of this.#held.values()) {
      if (record.type !== "PTR") continue;
      const type = splitType(lower(record.name) === ENUMERATION ? record.target : record.name);
      if (type !== undefined) types.add(type);
    }
    return [...types].sort(compare);
  }

  /** Instances that were pointed to and whose SRV has not come. */
  incomplete(): { instance: string; type: string }[] {
    const known = new Set([...this.#held.values()].filter((h) => h.record.type === "SRV").map((h) => lower(h.record.name)));
    const missing = new Map<string, { instance: string; type: string }>();
    for (const { record } of this.#held.values()) {
      const name = record.type === "PTR" && !known.has(lower(record.target)) ? splitInstance(record.target) : undefined;
      if (record.type === "PTR" && name) missing.set(lower(record.target), name);
    }
    return [...missing.values()];
  }

  #take(record: MdnsRecord, now: number): void {
    if (record.ttlS === 0) {
      this.#withdraw(record);
      return;
    }
    if (record.flush) this.#flush(record, now);
    const key = keyOf(record);
    if (!this.#held.has(key) && this.#held.size >= MAX_RECORDS) return;
    this.#held.set(key, { record, heardAt: now, expiresAt: now + record.ttlS * 1000 });
  }

  #withdraw(record: MdnsRecord): void {
    this.#held.delete(keyOf(record));
    const instance = record.type === "PTR" ? record.target : record.name;
    if (!splitInstance(instance)) return;
    if (this.#goodbyes.size < MAX_RECORDS) this.#goodbyes.add(instance);
    // Avahi withdraws every record of a service, others the pointer alone: without it the rest means nothing.
    for (const [key, { record: held }] of this.#held) {
      if ((held.type === "SRV" || held.type === "TXT") && lower(held.name) === lower(instance)) this.#held.delete(key);
    }
  }

  #flush(record: MdnsRecord, now: number): void {
    for (const [key, held] of this.#held) {
      const same = held.record.type === record.type && lower(held.record.name) === lower(record.name);
      if (same && now - held.heardAt > FLUSH_AFTER_MS) this.#held.delete(key);
    }
  }

  #expire(now: number): void {
    for (const [key, held] of this.#held) if (held.expiresAt <= now) this.#held.delete(key);
  }

  #byKey(): Map<string, MdnsService> {
    return new Map(this.services().map((s) => [`${lower(s.type)} ${lower(s.instance)}`, s]));
  }
}

function differences(before: ReadonlyMap<string, MdnsService>, after: ReadonlyMap<string, MdnsService>): CacheChange[] {
  const changes: CacheChange[] = [];
  for (const [key, service] of after) {
    const old = before.get(key);
    if (!old) changes.push({ kind: "appeared", service });
    else if (JSON.stringify(old) !== JSON.stringify(service)) changes.push({ kind: "changed", service });
  }
  for (const [key, service] of before) if (!after.has(key)) changes.push({ kind: "gone", service });
  return changes;
}

/** "Front. Door 2._rtsp._tcp.local" → instance "Front. Door 2", type "_rtsp._tcp". */
export function splitInstance(name: string): { instance: string; type: string } | undefined {
  const labels = name.split(".");
  if (labels.length < 4 || lower(labels.at(-1) ?? "") !== "local") return undefined;
  const type = labels.slice(-3, -1).join(".");
  const instance = labels.slice(0, -3).join(".");
  return isType(type) && !instance.startsWith("_") ? { instance, type: lower(type) } : undefined;
}

function splitType(name: string): string | undefined {
  const labels = name.split(".");
  const type = labels.slice(0, -1).join(".");
  return labels.length === 3 && lower(labels[2] ?? "") === "local" && isType(type) ? lower(type) : undefined;
}

function isType(text: string): boolean {
  return /^_[a-z0-9-]{1,63}\._(?:tcp|udp)$/i.test(text);
}

function keyOf(record: MdnsRecord): string {
  return `${lower(record.name)} ${record.type} ${rdataText(record)}`;
}

function rdataText(data: Rdata): string {
  switch (data.type) {
    case "PTR":
      return lower(data.target);
    case "SRV":
      return `${data.port} ${lower(data.target)}`;
    case "TXT":
      return data.entries.join("\u0000");
    case "A":
    case "AAAA":
      return data.address;
  }
}

function lower(text: string): string {
  return text.toLowerCase();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
