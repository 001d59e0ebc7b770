/** `pnpm test:chaos [--seed N] [--rounds N] [--seeds N] [--shards N] [--only TEXT]`: exit status 0 where everything holds, 1 where not, 2 where an option is wrong. A report of each seed in JSON on stdout. */
import { parseArgs } from "node:util";
import { chaos } from "./run.ts";

const WRONG_USAGE = 2;

function wrong(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(WRONG_USAGE);
}

function whole(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  return wrong(`--${name}: "${text}" is not a whole number above 0`);
}

function flags() {
  const value = { type: "string" } as const;
  try {
    return parseArgs({ options: { seed: value, rounds: value, seeds: value, shards: value, only: value } }).values;
  } catch (error) {
    return wrong(`${error instanceof Error ? error.message : String(error)}. Options: --seed, --rounds, --seeds, --shards, --only`);
  }
}

const values = flags();
const first = whole("seed", values.seed, (Date.now() % 1_000_000) + 1);
const rounds = whole("rounds", values.rounds, 30);
const seeds = whole("seeds", values.seeds, 1);
const shards = whole("shards", values.shards, 1);
const { only = "" } = values;

for (let seed = first; seed < first + seeds; seed++) {
  let holds = false;
  try {
    const report = await chaos({ seed, rounds, shards, only, say: (line) => process.stderr.write(`${line}\n`) });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    ({ holds } = report);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
  if (holds) continue;
  const more = `${shards === 1 ? "" : ` --shards ${shards}`}${only === "" ? "" : ` --only "${only}"`}`;
  process.stderr.write(`seed ${seed} failed; run it again with: pnpm test:chaos --seed ${seed} --rounds ${rounds}${more}\n`);
  process.exitCode = 1;
}
