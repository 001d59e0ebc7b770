/** `vedette`: the command line. Results on stdout, progress and logs on stderr; 0 done, 1 findings, 2 wrong usage or config, 3 could not. */
import { Command, CommanderError } from "commander";
import { STATUS, sentenceOf, statusOf } from "./exit.ts";
import { say } from "./output.ts";

const VERSION = "0.1.0";

/** Loaded when it is asked for: an agent's process holds no collector. */
const COMMANDS: Readonly<Record<string, () => Promise<(root: Command) => void>>> = {
  up: async () => (await import("./command/up.ts")).addUp,
  audit: async () => (await import("./command/audit.ts")).addAudit,
  probe: async () => (await import("./command/probe.ts")).addProbe,
  assess: async () => (await import("./command/assess.ts")).addAssess,
  sim: async () => (await import("./command/sim.ts")).addSim,
  agent: async () => (await import("./command/agent.ts")).addAgent,
  collector: async () => (await import("./command/collector.ts")).addCollector,
  bench: async () => (await import("./command/bench.ts")).addBench,
};

/** With the one command that is asked for, or with all where it is none of them: for help and for a word that is wrong. */
async function program(asked: string | undefined): Promise<Command> {
  const root = new Command("vedette")
    .description("Continuous compliance timelines for video surveillance sites (TAICS TS-0014-1).")
    .version(VERSION)
    .showHelpAfterError("(add --help for usage and examples)")
    .configureOutput({ writeOut: (text) => process.stdout.write(text), writeErr: (text) => process.stderr.write(text) })
    .exitOverride();
  const load = Object.hasOwn(COMMANDS, asked ?? "") ? [COMMANDS[asked ?? ""]] : Object.values(COMMANDS);
  for (const add of await Promise.all(load.map((command) => command?.()))) add?.(root);
  return root;
}

async function main(argv: readonly string[]): Promise<number> {
  try {
    const root = await program(argv[0]);
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
