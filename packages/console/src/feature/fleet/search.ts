/**
 * The fleet's search: words, and terms of the form key:value. What REST can answer goes into its parameters; the rest is
 * decided here over what came. Pure.
 */
import type { Device, Status } from "@vedette/collector/api";
import type { Query } from "../../client.ts";

export type Fix = "fixKey" | "fixClause" | "fixSeen" | "fixStatus" | "fixLevel" | "fixMember";

export interface Search {
  /** Must all stand in name, vendor, model, id or an address. */
  readonly words: readonly string[];
  readonly model: readonly string[];
  readonly vendor: readonly string[];
  readonly class: string | null;
  readonly site: string | null;
  readonly status: Status | null;
  /** Clauses that fail. */
  readonly clauses: readonly string[];
  readonly level: string | null;
  readonly member: Device["membership"] | null;
  readonly seen: { readonly than: "<" | ">"; readonly text: string; readonly ms: number } | null;
  readonly wrong: readonly { readonly word: string; readonly fix: Fix }[];
}

const STATUS = new Set(["pass", "fail", "unknown", "notchecked", "notapplicable", "error"]);
const LEVEL = new Set(["0", "1", "2", "3", "none"]);
const MEMBER = new Set(["in", "out", "environment", "undecided"]);
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_LENGTH = 500;

type Writable = { -readonly [K in keyof Search]: Search[K] };

/** Terms are set apart by spaces; quotes keep them in: model:"HikVision DS 2". */
function terms(text: string): string[] {
  return [...text.slice(0, MAX_LENGTH).matchAll(/(?:[^\s"]|"[^"]*"?)+/g)].map((m) => m[0]);
}

const unquoted = (text: string) => text.replaceAll('"', "");

function apply(search: Writable, key: string, value: string): Fix | null {
  switch (key) {
    case "model":
    case "vendor":
      search[key] = [...search[key], value.toLowerCase()];
      return null;
    case "class":
    case "site":
      search[key] = value;
      return null;
    case "status":
      if (!STATUS.has(value)) return "fixStatus";
      search.status = value as Status;
      return null;
    case "level":
      if (!LEVEL.has(value)) return "fixLevel";
      search.level = value;
      return null;
    case "member":
      if (!MEMBER.has(value)) return "fixMember";
      search.member = value as Device["membership"];
      return null;
    case "clause": {
      const clause = /^(\d(?:\.\d{1,2}){3})(?:=fail)?$/.exec(value)?.[1];
      if (clause === undefined) return "fixClause";
      search.clauses = [...search.clauses, clause];
      return null;
    }
    case "seen": {
      const [, than, count, unit] = /^([<>])(\d{1,5})([smhd])$/.exec(value) ?? [];
      if (than === undefined || count === undefined || unit === undefined) return "fixSeen";
      search.seen = { than: than as "<" | ">", text: value, ms: Number(count) * (UNIT_MS[unit] ?? 0) };
      return null;
    }
    default:
      return "fixKey";
  }
}

/** Never throws: what is not understood is named with its fix, and the rest holds. */
export function parseSearch(text: string): Search {
  const search: Writable = {
    words: [],
    model: [],
    vendor: [],
    class: null,
    site: null,
    status: null,
    clauses: [],
    level: null,
    member: null,
    seen: null,
    wrong: [],
  };
  for (const term of terms(text)) {
    const [, key, value] = /^([a-z]+):(.*)$/s.exec(term) ?? [];
    // An IPv6 address has colons too, and begins with no key.
    if (key === undefined || value === undefined) {
      const word = unquoted(term).toLowerCase();
      if (word !== "") search.words = [...search.words, word];
      continue;
    }
    const wanted = unquoted(value);
    // Still being typed.
    if (wanted === "") continue;
    const fix = apply(search, key, wanted);
    if (fix !== null) search.wrong = [...search.wrong, { word: term, fix }];
  }
  return search;
}

/** What REST decides: its `q` is one piece of text that stands somewhere. */
export function searchQuery(search: Search): Query {
  return {
    q: search.words[0] ?? search.model[0] ?? search.vendor[0],
    status: search.status ?? undefined,
    clause: search.clauses[0],
    level: search.level ?? undefined,
    membership: search.member ?? undefined,
    site: search.site ?? undefined,
  };
}

/** Whether a device is meant; true for all that REST decided already. */
export function matches(search: Search, device: Device, now: number): boolean {
  const anywhere = [device.name, device.vendor, device.model, device.id, ...device.addresses].map((s) => s.toLowerCase());
  const age = now - Date.parse(device.lastSeenAt);
  return (
    search.words.every((w) => anywhere.some((s) => s.includes(w))) &&
    search.model.every((m) => device.model.toLowerCase().includes(m)) &&
    search.vendor.every((v) => device.vendor.toLowerCase().includes(v)) &&
    (search.class === null || device.class === search.class) &&
    search.clauses.every((c) => device.failing.includes(c)) &&
    (search.seen === null || (search.seen.than === "<" ? age < search.seen.ms : age > search.seen.ms))
  );
}

/** Quotes what would otherwise be cut at a space or taken for a term. */
const quoted = (text: string) => (/\s|^[a-z]+:/.test(text) ? `"${text}"` : text);

/** The text that says the same; parses to the same search but for what was wrong. */
export function searchText(search: Search): string {
  return [
    ...search.words.map(quoted),
    ...search.model.map((m) => `model:${quoted(m)}`),
    ...search.vendor.map((v) => `vendor:${quoted(v)}`),
    ...(search.class === null ? [] : [`class:${quoted(search.class)}`]),
    ...(search.site === null ? [] : [`site:${quoted(search.site)}`]),
    ...(search.status === null ? [] : [`status:${search.status}`]),
    ...search.clauses.map((c) => `clause:${c}=fail`),
    ...(search.level === null ? [] : [`level:${search.level}`]),
    ...(search.member === null ? [] : [`member:${search.member}`]),
    ...(search.seen === null ? [] : [`seen:${search.seen.text}`]),
  ].join(" ");
}
