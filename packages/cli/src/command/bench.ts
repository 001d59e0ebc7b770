import type { Command } from "commander";
import { STATUS } from "../exit.ts";
import { wholeNumber } from "../option.ts";
import { printJson, say } from "../output.ts";

interface Report {
  readonly bench: string;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly ratios: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, { readonly op: ">=" | "<="; readonly value: number }>>;
  readonly met: boolean;
  readonly ranOn: string;
}

export function addBench(root: Command): void {
  const bench = root.command("bench").description("Figures of this machine, each with its peer measured in the same run.");
  bench
    .command("tls")
    .description("tls.handshake beside sslscan and nmap: what each finds, with how many connections.")
    .option("--json", "as JSON")
    .action(async (flags: { json?: boolean }) => {
      const { benchTls } = await import("@vedette/test/bench");
      const report = await benchTls({ say });
      show(report, flags.json === true);
    });
  bench
    .command("ingest")
    .description("One collector with everything embedded beside the raw pipe from JetStream to ClickHouse.")
    .option("--observations <n>", "in each backlog", wholeNumber("--observations", 20_000, 10_000_000), 100_000)
    .option("--minutes <n>", "with agents online", wholeNumber("--minutes", 1, 1_440), 1)
    .option("--json", "as JSON")
    .action(async (flags: { observations: number; minutes: number; json?: boolean }) => {
      const { benchIngest } = await import("@vedette/test/bench");
      const { observations, minutes } = flags;
      show(await benchIngest({ observations, minutes, say }), flags.json === true);
    });
  bench
    .command("drain")
    .description("The outbox of a site that was offline for 72 h drains while 20 agents are online.")
    .option("--observations <n>", "in the outbox", wholeNumber("--observations", 1_000, 10_000_000), 100_000)
    .option("--json", "as JSON")
    .action(async (flags: { observations: number; json?: boolean }) => {
      const { benchDrain } = await import("@vedette/test/bench");
      show(await benchDrain({ observations: flags.observations, say }), flags.json === true);
    });
  bench
    .command("drift")
    .description("From a change on a device that announces it to the event on the live feed.")
    .option("--drifts <n>", "how many changes", wholeNumber("--drifts", 5, 100_000), 60)
    .option("--json", "as JSON")
    .action(async (flags: { drifts: number; json?: boolean }) => {
      const { benchDrift } = await import("@vedette/test/bench");
      show(await benchDrift({ drifts: flags.drifts, say }), flags.json === true);
    });
  bench
    .command("agent")
    .description(
      "An agent at a site of quiet cameras on loopback: memory, processor and what it sends, beside a Node process that does nothing.",
    )
    .option("--devices <n>", "how many cameras", wholeNumber("--devices", 1, 1_000), 1_000)
    .option("--seconds <n>", "of the quiet period", wholeNumber("--seconds", 10, 86_400), 120)
    .option("--json", "as JSON")
    .action(async (flags: { devices: number; seconds: number; json?: boolean }) => {
      const { benchAgent } = await import("@vedette/test/bench");
      const { devices, seconds } = flags;
      show(await benchAgent({ devices, seconds, say }), flags.json === true);
    });
}

function show(report: Report, json: boolean): void {
  if (json) printJson(report);
  else {
    say(report.ranOn);
    for (const [name, value] of Object.entries(report.figures))
      say(`${name.padEnd(40)} ${typeof value === "object" ? JSON.stringify(value) : String(value)}`);
    for (const [name, value] of Object.entries(report.ratios)) {
      const target = report.targets[name];
      say(`${name.padEnd(40)} ${value.toFixed(2)}${target === undefined ? "" : `  (target ${target.op} ${target.value})`}`);
    }
  }
  process.exitCode = report.met ? STATUS.done : STATUS.findings;
}
