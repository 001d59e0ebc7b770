/** `vedette`: the command line. Results on stdout, progress and logs on stderr; 0 done, 1 findings, 2 wrong usage or config, 3 could not. */
import { Command, CommanderError } from "commander";
import { addAgent } from "./command/agent.ts";
import { addAssess } from "./command/assess.ts";
import { addAudit } from "./command/audit.ts";
import { addBench } from "./command/bench.ts";
import { addCollector } from "./command/collector.ts";
import { addProbe } from "./command/probe.ts";
import { addSim } from "./command/sim.ts";
import { addUp } from "./command/up.ts";
import { STATUS, sentenceOf, statusOf } from "./exit.ts";
import { say } from "./output.ts";

const VERSION = "0.1.0";

function program(): Command {
  const root = new Command("vedette")
    .description("Continuous compliance timelines for video surveillance sites (TAICS TS-0014-1).")
    .version(VERSION)
    .showHelpAfterError("(add --help for usage and examples)")
    .configureOutput({ writeOut: (text) => process.stdout.write(text), writeErr: (text) => process.stderr.write(text) })
    .exitOverride();
  for (const add of [addUp, addAudit, addProbe, addAssess, addSim, addAgent, addCollector, addBench]) add(root);
  return root;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const root = program();
    inherit(root);
    await root.parseAsync(argv, { from: "user" });
    return typeof process.exitCode === "number" ? process.exitCode : STATUS.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS.done : STATUS.usage;
    say(`vedette: ${sentenceOf(error)}`);
    return statusOf(error);
  }
}

/** Subcommands throw as the root does, so that one place decides the exit status. */
function inherit(command: Command): void {
  for (const sub of command.commands) {
    sub.exitOverride().showHelpAfterError("(add --help for usage and examples)");
    inherit(sub);
  }
}

// A reader that has seen enough (| head) is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(STATUS.done);
});
process.exitCode = await main(process.argv.slice(2));
