/** The certificates a device showed at its ports: what changed, what it ever showed, and when one is about to expire. */
import type { History } from "@vedette/standard";
import { factsAs } from "./facts.ts";
import type { Seen } from "./history.ts";
import { cite, type Note } from "./occurrence.ts";
import type { Place } from "./place.ts";

/** A certificate that ends within this is worth a word, ms. */
const EXPIRES_SOON_MS = 30 * 86_400_000;

interface Shown {
  readonly sha256: string;
  readonly port: number;
  readonly notAfter: number | null;
  readonly from: number;
  readonly seen: Seen;
  readonly initial: boolean;
  until: number | null;
}

interface Slot {
  /** Leaf last seen by each probe: a server may answer a short hello with another certificate than a full look finds best. */
  readonly byProbe: Map<string, string>;
  told: Shown;
}

export class Certificates {
  readonly #slots = new Map<string, Slot>();
  readonly #shown: Shown[] = [];
  readonly #history: { sha256: string; issuer: string; endpoint: string; firstSeenAt: number; id: string }[] = [];

  /** @returns what to tell, where the certificate of a port changed */
  observe(place: Place, seen: Seen, initial: boolean): Note | null {
    if (seen.subject.kind !== "endpoint") return null;
    const leaf = (factsAs(seen, "tls.handshake") ?? factsAs(seen, "tls.certificate"))?.chain[0];
    if (leaf === undefined) return null;
    const { port } = seen.subject;
    const key = `${place.vantage}|${place.address}|${port}`;
    const endpoint = `${port}/tcp`;
    if (!this.#history.some((h) => h.sha256 === leaf.sha256 && h.endpoint === endpoint)) {
      this.#history.push({ sha256: leaf.sha256, issuer: leaf.issuer, endpoint, firstSeenAt: seen.at, id: seen.baseId });
    }
    const slot = this.#slots.get(key);
    const before = slot?.byProbe.get(seen.probe);
    slot?.byProbe.set(seen.probe, leaf.sha256);
    if (slot !== undefined && (before === undefined || before === leaf.sha256 || slot.told.sha256 === leaf.sha256)) return null;
    const parsed = leaf.notAfter === undefined ? Number.NaN : Date.parse(leaf.notAfter);
    const notAfter = Number.isNaN(parsed) ? null : parsed;
    const shown: Shown = { sha256: leaf.sha256, port, notAfter, from: seen.at, seen, initial: initial && slot === undefined, until: null };
    this.#shown.push(shown);
    if (slot === undefined) {
      this.#slots.set(key, { byProbe: new Map([[seen.probe, leaf.sha256]]), told: shown });
      return null;
    }
    const from = slot.told.sha256;
    slot.told.until = seen.at;
    slot.told = shown;
    const evidence = [cite(seen, { endpoint, sha256: leaf.sha256, subject: leaf.subject, issuer: leaf.issuer })];
    return {
      change: "certificate-changed",
      at: seen.at,
      from,
      to: leaf.sha256,
      parameters: { endpoint, from, to: leaf.sha256, issuer: leaf.issuer },
      evidence,
    };
  }

  /** A device that moves shows at its new address what it showed at the old one. */
  moved(from: Place, to: Place): void {
    const prefix = `${from.vantage}|${from.address}|`;
    for (const [key, slot] of [...this.#slots]) {
      if (!key.startsWith(prefix)) continue;
      this.#slots.delete(key);
      const there = `${to.vantage}|${to.address}|${key.slice(prefix.length)}`;
      if (!this.#slots.has(there)) this.#slots.set(there, slot);
    }
  }

  closed(place: Place, port: number, at: number): void {
    const key = `${place.vantage}|${place.address}|${port}`;
    const slot = this.#slots.get(key);
    if (slot !== undefined) slot.told.until = at;
    this.#slots.delete(key);
  }

  get history(): History["certificates"] {
    return this.#history;
  }

  /** Ids of observations that may yet be cited. */
  get cited(): string[] {
    return [...this.#shown.map((s) => s.seen.id), ...this.#history.map((h) => h.id)];
  }

  /** @returns what is to be told up to `at`, and when the next certificate comes near its end */
  expiring(at: number): { readonly notes: readonly Note[]; readonly nextAt: number | null } {
    const notes: Note[] = [];
    let nextAt: number | null = null;
    for (const s of this.#shown) {
      if (s.notAfter === null) continue;
      const due = Math.max(s.from, s.notAfter - EXPIRES_SOON_MS);
      if (due >= s.notAfter || (s.until !== null && due >= s.until)) continue;
      if (due > at) {
        nextAt = Math.min(nextAt ?? due, due);
        continue;
      }
      const notAfter = new Date(s.notAfter).toISOString();
      notes.push({
        change: "certificate-expiring",
        at: due,
        to: notAfter,
        parameters: { endpoint: `${s.port}/tcp`, notAfter },
        evidence: [cite(s.seen, { endpoint: `${s.port}/tcp`, sha256: s.sha256, notAfter })],
        initial: s.initial && due === s.from,
      });
    }
    return { notes, nextAt };
  }
}
