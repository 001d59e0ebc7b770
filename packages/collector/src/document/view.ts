/** The documents as they stand now, in memory: the last of each (tenant, kind, id), from the store and the log (docs/documents.md). */
import { type ChainedDocument, follows, type Head } from "./chain.ts";
import { type Body, isKind, KIND, type Kind } from "./kinds.ts";

export interface Current<K extends Kind> {
  readonly tenant: string;
  readonly kind: K;
  readonly id: string;
  readonly seq: number;
  readonly body: Body<K>;
  readonly author: string;
  /** ms since 1970 */
  readonly decidedAt: number;
}

type AnyCurrent = { [K in Kind]: Current<K> }[Kind];

/** A document has taken effect; `current` is null where it was deleted or is of a version that we do not read. */
export interface Change {
  readonly document: ChainedDocument;
  readonly current: AnyCurrent | null;
}

interface Chain {
  head: Head;
  readonly current: Map<string, Map<string, AnyCurrent>>;
  /** Of dated kinds every version of what stands, oldest first. */
  readonly versions: Map<string, Map<string, AnyCurrent[]>>;
}

/** Kinds whose earlier versions still say what held before: a later one takes effect from its own date on. */
const DATED: ReadonlySet<string> = new Set<Kind>(["profile", "membership"]);

export class DocumentView {
  readonly #chains = new Map<string, Chain>();
  readonly #listeners = new Set<(change: Change) => void>();

  /** True: new here. False: known already. @throws ChainError where it does not follow */
  apply(document: ChainedDocument): boolean {
    const chain = this.#chains.get(document.tenant);
    if (!follows(chain?.head ?? null, document)) return false;
    const head = { seq: document.seq, hash: document.hash };
    const place = chain ?? { head, current: new Map(), versions: new Map() };
    place.head = head;
    this.#chains.set(document.tenant, place);
    const current = read(document);
    const ofKind = place.current.get(document.kind) ?? new Map<string, AnyCurrent>();
    if (current === null) ofKind.delete(document.id);
    else ofKind.set(document.id, current);
    place.current.set(document.kind, ofKind);
    if (DATED.has(document.kind)) {
      const versions = place.versions.get(document.kind) ?? new Map<string, AnyCurrent[]>();
      if (current === null) versions.delete(document.id);
      else versions.set(document.id, [...(versions.get(document.id) ?? []), current]);
      place.versions.set(document.kind, versions);
    }
    for (const listener of this.#listeners) listener({ document, current });
    return true;
  }

  head(tenant: string): Head | null {
    return this.#chains.get(tenant)?.head ?? null;
  }

  /** Sorted; with the platform's own "_". */
  tenants(): readonly string[] {
    return [...this.#chains.keys()].sort();
  }

  get<K extends Kind>(tenant: string, kind: K, id: string): Current<K> | null {
    return (this.#chains.get(tenant)?.current.get(kind)?.get(id) as Current<K> | undefined) ?? null;
  }

  /** In order of id. */
  list<K extends Kind>(tenant: string, kind: K): readonly Current<K>[] {
    const found = [...(this.#chains.get(tenant)?.current.get(kind)?.values() ?? [])] as unknown as Current<K>[];
    return found.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Every version of each document of a dated kind that still stands, in order of id and time; what was taken back is not among them. */
  versions<K extends "profile" | "membership">(tenant: string, kind: K): readonly Current<K>[] {
    const found = [...(this.#chains.get(tenant)?.versions.get(kind)?.entries() ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    return found.flatMap(([, versions]) => versions) as unknown as Current<K>[];
  }

  /** `listener` runs inside apply and must not throw. Returns its end. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** null: deleted, or written by a newer version in words that we do not know; it stays in the chain all the same. */
function read(document: ChainedDocument): AnyCurrent | null {
  if (document.deleted || !isKind(document.kind)) return null;
  let json: unknown;
  try {
    json = JSON.parse(document.body);
  } catch {
    return null;
  }
  const parsed = KIND[document.kind].safeParse(json);
  if (!parsed.success) return null;
  const { tenant, kind, id, seq, author, decidedAt } = document;
  return { tenant, kind, id, seq, author, decidedAt, body: parsed.data } as AnyCurrent;
}
