import { type Command, Option } from "commander";
import { cidrs, wholeNumber } from "../option.ts";
import { makeLogger, printLine, say } from "../output.ts";
import { stopSignal } from "../signal.ts";

interface Flags {
  data?: string;
  port: number;
  scope?: string[];
  demo?: boolean;
  bind: string;
  buckets: number;
  json?: boolean;
  driftDelay?: number;
  driftEvery?: number;
  sweepSeconds?: number;
}

export function addUp(root: Command): void {
  root
    .command("up")
    .description("Everything on this machine: engines, collector, agent and console; with --demo also a simulated site.")
    .option("--data <dir>", "data folder (default: ~/.local/share/vedette; the demo: .vedette/demo in the checkout)")
    .option("--port <port>", "first of four ports on 127.0.0.1, or 0 for free ones", wholeNumber("--port", 0, 65_532), 8420)
    .option("--scope <cidrs>", "networks that may be looked at; nothing else is ever sent to", cidrs)
    .option("--demo", "observe a simulated site on loopback instead")
    .option("--bind <cidr>", "network of the simulated site", "127.18.0.0/24")
    .option("--buckets <n>", "parts in which sites are derived; fixed at the first start", wholeNumber("--buckets", 1, 4096), 64)
    .option("--drift-delay <seconds>", "demo: time to the first drift", wholeNumber("--drift-delay", 1, 86_400))
    .option("--drift-every <seconds>", "demo: time between drifts", wholeNumber("--drift-every", 1, 86_400))
    .addOption(
      new Option("--sweep-seconds <seconds>", "each device is derived anew from nothing within this time (default: a day)")
        .argParser(wholeNumber("--sweep-seconds", 10, 30 * 86_400))
        .hideHelp(),
    )
    .option("--json", "first line of stdout when ready: {url, token, pid, data}")
    .addHelpText("after", "\nExamples:\n  vedette up --demo\n  vedette up --scope 192.168.20.0/24 --data /var/lib/vedette\n")
    .action(async (flags: Flags) => {
      const { up } = await import("../up/up.ts");
      const signal = stopSignal();
      await up(
        {
          ...(flags.data === undefined ? {} : { data: flags.data }),
          port: flags.port,
          scope: flags.scope ?? [],
          demo: flags.demo === true,
          bind: flags.bind,
          buckets: flags.buckets,
          ...(flags.sweepSeconds === undefined ? {} : { sweepSeconds: flags.sweepSeconds }),
          ...(flags.driftDelay === undefined && flags.driftEvery === undefined
            ? {}
            : { drift: { delayMs: (flags.driftDelay ?? 60) * 1000, everyMs: (flags.driftEvery ?? 12) * 1000 } }),
        },
        {
          logger: makeLogger("up", process.env["VEDETTE_LOG"] ?? "warn"),
          signal,
          say,
          onReady({ url, token, pid, data, login }) {
            if (flags.json === true) printLine({ url, token, pid, data });
            say(`\nVedette is ready: ${url}`);
            if (login !== null) say(`Sign in as ${login.user} with ${login.password} (change it under Account).`);
            if (flags.demo === true) say("The simulated site drifts for the first time in about a minute. Ctrl-C stops everything.\n");
          },
        },
      );
    });
}
