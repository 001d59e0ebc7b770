/** What an expected.json says, and what of it was not seen. */
import type { SeenLook } from "./agent/seen.ts";

export interface ExpectedLook {
  readonly probe: string;
  /** Absent: a look at the host as a whole. */
  readonly port?: number;
  /** Default "identified". */
  readonly outcome?: string;
  /** Named in the answer; lists are whole and in order, objects may hold more. {"matches": "REGEX"} stands for a text. */
  readonly facts?: unknown;
  /** Lists of the facts that hold at least these, in any order. */
  readonly holds?: Readonly<Record<string, readonly unknown[]>>;
}

export interface Expected {
  /** Configuration that the facts are read off. */
  readonly from: string;
  readonly looks: readonly ExpectedLook[];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One line for each difference: "open.0.protocol: expected ssh, saw telnet". */
export function differences(expected: unknown, seen: unknown, at = ""): string[] {
  const mismatch = [`${at}: expected ${JSON.stringify(expected)}, saw ${JSON.stringify(seen)}`];
  const inside = (key: string): string => (at === "" ? key : `${at}.${key}`);
  if (isObject(expected) && typeof expected["matches"] === "string")
    return typeof seen === "string" && new RegExp(expected["matches"]).test(seen) ? [] : mismatch;
  if (isObject(expected)) {
    if (!isObject(seen)) return mismatch;
    return Object.entries(expected).flatMap(([key, value]) => differences(value, seen[key], inside(key)));
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(seen) || seen.length !== expected.length) return mismatch;
    return expected.flatMap((value, i) => differences(value, seen[i], inside(String(i))));
  }
  return Object.is(expected, seen) ? [] : mismatch;
}

function isOf(expected: ExpectedLook, address: string, seen: SeenLook): boolean {
  return seen.probe === expected.probe && seen.subject.address === address && (expected.port ?? 0) === (seen.subject.port ?? 0);
}

function notHeld(holds: ExpectedLook["holds"], facts: SeenLook["facts"]): string[] {
  return Object.entries(holds ?? {}).flatMap(([key, items]) => {
    const list = facts?.[key];
    const among = Array.isArray(list) ? list : [];
    return items
      .filter((item) => !among.some((one) => differences(item, one).length === 0))
      .map((item) => `${key}: no ${JSON.stringify(item)}`);
  });
}

/** Empty where one of the looks of that probe at that subject holds everything that is expected; else the differences of the nearest. */
export function missing(expected: ExpectedLook, address: string, looks: readonly SeenLook[]): string[] {
  const compared = looks
    .filter((look) => isOf(expected, address, look))
    .map(({ outcome, facts }) => [
      ...differences(expected.outcome ?? "identified", outcome, "outcome"),
      ...(expected.facts === undefined ? [] : differences(expected.facts, facts)),
      ...notHeld(expected.holds, facts),
    ]);
  return compared.sort((a, b) => a.length - b.length)[0] ?? [`no look by ${expected.probe} at ${address}, port ${expected.port ?? "any"}`];
}
