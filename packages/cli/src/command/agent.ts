import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { usage } from "../exit.ts";
import { makeLogger, printJson, printLine, say } from "../output.ts";
import { stopSignal } from "../signal.ts";

export function addAgent(root: Command): void {
  const agent = root.command("agent").description("The sentry on a site: discovers, looks, sends what it saw.");

  agent
    .command("run")
    .description("Run the agent until Ctrl-C; what is in the outbox then leaves at the next start.")
    .requiredOption("--config <file>", "its config in YAML (deploy/sample/agent.yaml)")
    .option("--parent", "end when standard input ends, and say when ready")
    .addHelpText("after", "\nExample:\n  vedette agent run --config /etc/vedette/agent.yaml\n")
    .action(async (flags: { config: string; parent?: boolean }) => {
      const { checkConfig, runAgent } = await import("@vedette/agent");
      const config = checkConfig(flags.config);
      const signal = stopSignal({ parentStdin: flags.parent === true });
      const running = runAgent(config, { logger: makeLogger("agent"), signal });
      if (flags.parent === true) printLine({ ready: true });
      await running;
    });

  agent
    .command("enroll")
    .description("Exchange a single-use token for an identity; the keys are made here and stay here.")
    .option("--token <token>", "the token; better through --token-file, since command lines can be seen")
    .option("--token-file <file>", "file that holds the token, or - for standard input")
    .requiredOption("--data <dir>", "the agent's data folder")
    .option("--force", "replace an identity that is there")
    .addHelpText("after", "\nExample:\n  vedette agent enroll --token-file token.txt --data /var/lib/vedette-agent\n")
    .action(async (flags: { token?: string; tokenFile?: string; data: string; force?: boolean }) => {
      const token = flags.token ?? (flags.tokenFile === undefined ? "" : readToken(flags.tokenFile));
      if (token.trim() === "") throw usage("--token-file is missing: give the enrolment token that the console or the API made");
      const { enrollAgent } = await import("@vedette/agent");
      const identity = await enrollAgent({
        token: token.trim(),
        data: flags.data,
        logger: makeLogger("agent"),
        force: flags.force === true,
      });
      say(`enrolled as agent ${identity.agent} of site ${identity.site}`);
    });

  agent
    .command("status")
    .description("How the agent of a data folder fares.")
    .requiredOption("--data <dir>", "the agent's data folder")
    .option("--json", "as JSON")
    .action(async (flags: { data: string; json?: boolean }) => {
      const { agentStatus } = await import("@vedette/agent");
      const status = agentStatus(flags.data);
      if (flags.json === true) return printJson(status);
      const { enrolled, running, last } = status;
      say(enrolled === null ? "not enrolled" : `agent ${enrolled.agent} of site ${enrolled.site}, certificate until ${enrolled.expires}`);
      say(running ? "running" : "not running");
      if (last !== null) say(`outbox: ${last.outbox.depth} observations; hosts: ${last.hosts}; endpoints: ${last.endpoints}`);
    });

  agent
    .command("check-config")
    .description("Read a config and say what is wrong with it, or nothing.")
    .argument("<file>")
    .action(async (file: string) => {
      const { checkConfig } = await import("@vedette/agent");
      const config = checkConfig(file);
      say(`${file} is right: scope ${config.scope.join(", ")}, tier ${config.tier}`);
    });

  agent
    .command("probes")
    .description("Every probe, its version and its tier.")
    .option("--json", "as JSON")
    .action(async (flags: { json?: boolean }) => {
      const { PROBES } = await import("@vedette/agent");
      const probes = PROBES.map(({ id, version, transport, port, tier, deadlineMs }) => ({
        id,
        version,
        transport,
        port,
        tier,
        deadlineMs,
      }));
      if (flags.json === true) return printJson(probes);
      for (const p of probes)
        say(`${p.id.padEnd(18)} v${p.version}  ${p.tier.padEnd(8)} ${p.transport}${p.port === 0 ? "" : `/${p.port}`}`);
    });
}

/** @throws CommandError 2 where the file cannot be read */
function readToken(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw usage(`--token-file: ${file} cannot be read (${code}): give the file that holds the token, or - for standard input`);
  }
}
