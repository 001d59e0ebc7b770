/** One site in the memory of its bucket's holder: everything seen, what is believed, and when to look again. Pure but for what it is given. */
import { createHash } from "node:crypto";
import { RULES_VERSION } from "@vedette/standard";
import {
  applyRows,
  type Decisions,
  deriveSite,
  difference,
  isEmpty,
  knownOf,
  observationId,
  type Rows,
  type SitePresent,
  type StoredObservation,
  type StoredPresent,
} from "../derive/index.ts";

/** Version of the deriving code: rows of another version may differ and be right. */
export const CODE_VERSION = `${RULES_VERSION}+derive/1`;

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function identity(o: StoredObservation): string {
  return `${o.agent}/${o.epoch}/${o.seq}/${o.contentHash}`;
}

export interface Step {
  readonly present: SitePresent;
  readonly rows: Rows;
}

export class SiteWork {
  readonly tenant: string;
  readonly site: string;
  readonly #observations = new Map<string, StoredObservation>();
  readonly #byId = new Map<string, StoredObservation>();
  #stored: StoredPresent;
  #present: SitePresent | null = null;
  /** When it must be derived, ms; null: nothing is known that would change it. */
  dueAt: number | null = 0;
  /** Latest storage time read, ms. */
  readThrough = 0;

  constructor(tenant: string, site: string, stored: StoredPresent) {
    this.tenant = tenant;
    this.site = site;
    this.#stored = stored;
  }

  /** What there is, for a comparison. */
  get stored(): StoredPresent {
    return this.#stored;
  }

  get present(): SitePresent | null {
    return this.#present;
  }

  /** @returns "change" for new facts, "confirmation" for the repetition of known ones, null for what was known whole */
  add(o: StoredObservation): "change" | "confirmation" | null {
    this.readThrough = Math.max(this.readThrough, o.storedAt);
    const key = identity(o);
    const before = this.#observations.get(key);
    // A row stored again counts from its first storage: a later one changes nothing.
    if (before !== undefined && before.storedAt <= o.storedAt) return null;
    this.#observations.set(key, o);
    this.#byId.set(observationId(o), o);
    return o.confirm === null ? "change" : "confirmation";
  }

  has(o: StoredObservation): boolean {
    return this.#observations.has(identity(o));
  }

  due(at: number): void {
    this.dueAt = this.dueAt === null ? at : Math.min(this.dueAt, at);
  }

  /** Derives the whole site as of `at` and compares. Changes nothing here: `applied` does. */
  derive(decisions: Decisions, at: number): Step {
    const input = {
      tenant: this.tenant,
      site: this.site,
      observations: [...this.#observations.values()],
      decisions,
      known: knownOf(this.#stored),
      sharedKeys: [],
      rules: RULES_VERSION,
    };
    const present = deriveSite(input, at, { hash: sha256 });
    const rows = difference(this.#stored, present, {
      tenant: this.tenant,
      site: this.site,
      at,
      hash: sha256,
      observation: (id) => this.#byId.get(id),
    });
    return { present, rows };
  }

  /** The step is in the store (or was empty): go on from there. */
  applied(step: Step, recordedAt: number): void {
    if (!isEmpty(step.rows)) this.#stored = applyRows(this.#stored, step.rows, recordedAt);
    this.#present = step.present;
    this.dueAt = step.present.nextChangeAt;
  }

  get observationCount(): number {
    return this.#observations.size;
  }
}
