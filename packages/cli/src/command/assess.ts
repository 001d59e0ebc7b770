import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { cannot, usage } from "../exit.ts";
import { printJson, say } from "../output.ts";

export function addAssess(root: Command): void {
  root
    .command("assess")
    .description("Facts in, verdicts out: the pure function that judges a device.")
    .argument("[file]", "JSON of the published schema, or - for standard input")
    .option("--json", "as JSON")
    .option("--schema", "print the JSON Schema of the input")
    .addHelpText("after", "\nExample:\n  vedette assess device.json --json\n")
    .action(async (file: string | undefined, flags: { json?: boolean; schema?: boolean }) => {
      const { assess, assessInputJsonSchema, level, parseAssessInput, reasonText } = await import("@vedette/standard");
      if (flags.schema === true) return printJson(assessInputJsonSchema());
      if (file === undefined) throw usage("FILE is missing: give the facts of a device as JSON; --schema prints what it holds");
      const { verdicts, nextChangeAt } = assess(parseAssessInput(readJson(file)));
      const reached = level(verdicts);
      if (flags.json === true) {
        printJson({
          verdicts: verdicts.map((v) => ({
            ...v,
            reason: reasonText(v.code, v.parameters),
            observedAt: v.observedAt === null ? null : new Date(v.observedAt).toISOString(),
          })),
          level: reached,
          nextChangeAt: nextChangeAt === null ? null : new Date(nextChangeAt).toISOString(),
        });
        return;
      }
      for (const v of verdicts) say(`${v.clause.padEnd(8)} ${v.status.padEnd(13)} ${reasonText(v.code, v.parameters).en}`);
      say(`level: proven ${reached.proven ?? "-"}, possible ${reached.possible ?? "-"}`);
    });
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw cannot(`${file}: cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usage(`${file}: is no JSON (${error instanceof Error ? error.message : "unknown"})`);
  }
}
