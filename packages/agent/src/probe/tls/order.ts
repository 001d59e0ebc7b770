/** Whose order of suites holds, and what the server's is: read from the choices already made, asked for only where they do not tell. */
import type { Ask, Choice } from "./enumerate.ts";

/** Connections that may be spent on placing suites of later windows among those of earlier ones. */
const MAX_COMPARISONS = 6;

/** From so many choices on, offered forwards and backwards in turn, no order of a server's own looks like the client's. */
const CHOICES_THAT_TELL = 5;

/** True: the server's order; false: the client's; undefined: too few suites, or no clear answer. */
export async function serverPreference(ask: Ask, choices: readonly Choice[]): Promise<boolean | undefined> {
  if (choices.length < 2) return undefined;
  const accepted = new Set(choices.map((choice) => choice.picked));
  const ours = (choice: Choice) => choice.offered.find((suite) => accepted.has(suite)) === choice.picked;
  if (!choices.every(ours)) return true;
  if (choices.length >= CHOICES_THAT_TELL) return false;
  const reversed = [...accepted].reverse();
  const answer = await ask(reversed.slice(0, 64));
  return answer.kind === "hello" ? answer.hello.suite !== reversed[0] : undefined;
}

/**
 * Picks in the server's order. A pick stands behind every suite that was chosen while it was on offer too; one that came on offer
 * later is placed among the earlier picks by comparison, from the end, where rare suites mostly belong.
 */
export async function serverOrder(ask: Ask, choices: readonly Choice[]): Promise<number[]> {
  const order: number[] = [];
  let spent = 0;
  const isBefore = async (a: number, b: number) => {
    spent += 1;
    const answer = await ask([a, b]);
    return answer.kind === "hello" && answer.hello.suite === a;
  };
  for (const [index, { picked }] of choices.entries()) {
    let low =
      order.findLastIndex((earlier) =>
        choices.slice(0, index).some((choice) => choice.picked === earlier && choice.offered.includes(picked)),
      ) + 1;
    let high = order.length;
    let middle = high - 1;
    while (low < high && spent < MAX_COMPARISONS) {
      const other = order[middle];
      if (other === undefined) break;
      if (await isBefore(picked, other)) high = middle;
      else low = middle + 1;
      middle = Math.floor((low + high) / 2);
    }
    order.splice(high, 0, picked);
  }
  return order;
}
