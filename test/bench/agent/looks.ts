/** The looks of an agent that found something, as its outbox remembers them. */
import { DatabaseSync } from "node:sqlite";
import { Outcome } from "@vedette/proto";

/** Lists of ports that are looked at once a day or less. */
const RARE: ReadonlySet<unknown> = new Set(["common", "full"]);

/** @returns how many of them are confirmed once an hour */
export function looksToldBy(outbox: string): { readonly hourly: number } {
  const db = new DatabaseSync(outbox, { readOnly: true });
  try {
    const told = db.prepare("SELECT look FROM told WHERE outcome = ?").all(Outcome.IDENTIFIED) as { look: string }[];
    // [probe, variant, …] as look-key.ts of the agent writes it.
    return { hourly: told.filter(({ look }) => !RARE.has((JSON.parse(look) as unknown[])[1])).length };
  } finally {
    db.close();
  }
}
