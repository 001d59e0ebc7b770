/** Which suites a version accepts, by elimination: offer, let the server pick, take the pick away. */

import type { Fault } from "../probe.ts";
import { type SuitesToOffer, WINDOW } from "./suite.ts";
import type { Answer, Flight } from "./talk.ts";
import { ALERT } from "./wire.ts";

/** Offers suites (and groups, where given) in one version. */
export type Ask = (suites: readonly number[], groups?: readonly number[]) => Promise<Answer>;

export interface Choice {
  readonly offered: readonly number[];
  readonly picked: number;
}

export interface Elimination {
  readonly choices: readonly Choice[];
  /** Absent where nothing was accepted and the server gave no clear refusal. */
  readonly accepted?: boolean;
  /** What ended it before its end. */
  readonly cut?: Fault;
  /** Set where some refusal was a closed connection and no alert, which an overloaded server shows too. */
  readonly hungUp?: Fault;
  /** True where the refusal was one of a hello without key share: missing_extension, illegal_parameter and the like, or a closed connection. */
  readonly needsKeyShare?: boolean;
}

/** One connection for each accepted suite, and one for each window of which nothing is left to accept. */
export async function eliminate(ask: Ask, version: number, { defined, filler }: SuitesToOffer): Promise<Elimination> {
  const queue = [...defined];
  const spare = [...filler];
  const choices: Choice[] = [];
  const next = () => {
    const window = queue.splice(0, WINDOW);
    return window.length === 0 ? window : [...window, ...spare.splice(0, WINDOW - window.length)];
  };
  let window = next();
  let hungUp: Fault | undefined;
  let needsKeyShare = false;
  const end = (cut?: Fault): Elimination => ({
    choices,
    ...(choices.length > 0 ? { accepted: true } : cut === undefined ? { accepted: false } : {}),
    ...(cut === undefined ? {} : { cut }),
    ...(hungUp === undefined ? {} : { hungUp }),
    needsKeyShare,
  });
  while (window.length > 0) {
    // Turned round each time, so that a server that follows the client's order shows it (order.ts).
    const offered = choices.length % 2 === 0 ? window : window.toReversed();
    const answer = await ask(offered);
    if (answer.kind === "silent" || answer.kind === "foreign" || answer.kind === "gone") return end(answer.fault);
    if (answer.kind === "hello") {
      // Another version is the server's way to say that it does not know this one.
      if (answer.hello.version !== version) return end();
      if (!window.includes(answer.hello.suite)) return end(UNOFFERED);
      choices.push({ offered, picked: answer.hello.suite });
      window = [...window.filter((suite) => suite !== answer.hello.suite), ...queue.splice(0, 1)];
      continue;
    }
    if (answer.kind === "alert" && answer.code === ALERT.protocolVersion && choices.length === 0) return end();
    if (answer.kind === "hung-up") hungUp ??= answer.fault;
    needsKeyShare ||= answer.kind === "hung-up" || answer.code !== ALERT.protocolVersion;
    window = next();
  }
  return end();
}

const UNOFFERED: Fault = { phase: "tls", code: "malformed", message: "The server chose a suite that was not offered." };

/**
 * TLS 1.3 names suite and group in one HelloRetryRequest, so both are eliminated together; what is left of either after the first
 * refusal is eliminated alone. `known` are groups that an earlier version showed: they are offered last and not looked for.
 */
export async function eliminateWithGroups(
  ask: Ask,
  version: number,
  suites: SuitesToOffer,
  groups: readonly number[],
  known: ReadonlySet<number>,
): Promise<Elimination> {
  const before = new Set(known);
  const unknown = groups.filter((group) => !before.has(group));
  const found = new Set<number>();
  const without = (list: readonly number[]) => list.filter((group) => !found.has(group));
  const offered = [...unknown, ...groups.filter((group) => before.has(group))];
  const first = await eliminate(async (window) => noting(await ask(window, without(offered)), found), version, suites);
  if (first.choices.length === 0 || first.cut !== undefined) return first;

  const picked = first.choices.map((choice) => choice.picked);
  const count = found.size;
  const cut = await eliminateGroups(ask, picked, () => without(unknown), found);
  if (cut !== undefined) return { ...first, cut };
  if (found.size > count) return first;
  // The groups may have run out, so the refusal said nothing about the suites that were left.
  const left = suites.defined.filter((suite) => !picked.includes(suite));
  const rest = await eliminate((window) => ask(window, groups), version, { defined: left, filler: [] });
  return {
    ...first,
    ...(rest.cut === undefined ? {} : { cut: rest.cut }),
    ...(rest.hungUp === undefined ? {} : { hungUp: rest.hungUp }),
    choices: [...first.choices, ...rest.choices],
  };
}

/** Offers the groups that are not found yet until none of them is taken. Returns what cut it short. */
export async function eliminateGroups(
  ask: Ask,
  suites: readonly number[],
  remaining: () => readonly number[],
  found: Set<number>,
): Promise<Fault | undefined> {
  for (;;) {
    const groups = remaining();
    if (groups.length === 0) return undefined;
    const before = found.size;
    const answer = noting(await ask(suites, groups), found);
    if (answer.kind === "silent" || answer.kind === "foreign" || answer.kind === "gone") return answer.fault;
    if (found.size === before) return undefined;
  }
}

function noting(answer: Answer, found: Set<number>): Answer {
  const group = answer.kind === "hello" ? groupOf(answer) : undefined;
  if (group !== undefined) found.add(group);
  return answer;
}

export function groupOf(flight: Flight): number | undefined {
  return flight.hello.group ?? flight.keyExchange.group;
}
