import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { wholeNumber } from "../option.ts";
import { printLine, say } from "../output.ts";
import { stopSignal } from "../signal.ts";

interface Flags {
  devices?: number;
  seed: string;
  bind: string;
  data?: string;
  delay: number;
  every: number;
  json?: boolean;
}

export function addSim(root: Command): void {
  root
    .command("sim")
    .description("A simulated site: real protocols on loopback addresses, with scripted drift. Starts fresh by seed.")
    .option("--devices <n>", "number of devices", wholeNumber("--devices", 1, 250))
    .option("--seed <text>", "the same seed gives the same identities", "demo")
    .option("--bind <cidr>", "loopback network of the site", "127.18.0.0/24")
    .option("--data <dir>", "folder of its state (default: a temporary one)")
    .option("--delay <seconds>", "time to the first drift", wholeNumber("--delay", 1, 86_400), 60)
    .option("--every <seconds>", "time between drifts", wholeNumber("--every", 1, 86_400), 12)
    .option("--json", "one JSON line when ready, then one per drift")
    .addHelpText("after", "\nExample:\n  vedette sim --seed 7 --devices 20\n")
    .action(async (flags: Flags) => {
      const { startSite } = await import("@vedette/test/site");
      const signal = stopSignal();
      const temporary = flags.data === undefined ? mkdtempSync(join(tmpdir(), "vedette-sim-")) : null;
      const site = await startSite({
        bind: flags.bind,
        data: flags.data ?? temporary ?? "",
        seed: flags.seed,
        fresh: true,
        script: true,
        delayMs: flags.delay * 1000,
        everyMs: flags.every * 1000,
        ...(flags.devices === undefined ? {} : { devices: flags.devices }),
        logger: {
          info: (fields) =>
            flags.json === true ? printLine(fields) : say(`drift: ${String(fields["drift"])} on ${String(fields["persona"])}`),
        },
      });
      try {
        if (flags.json === true) printLine({ ready: true, state: site.statePath, captures: site.captures, personas: site.personas() });
        else {
          for (const p of site.personas()) say(`${p.address.padEnd(14)} ${p.name}`);
          say(`${site.personas().length} devices on ${flags.bind}; the first drift comes in ${flags.delay} s. Ctrl-C stops them.`);
          if (site.excludePorts.length > 0) say(`ports of this machine itself, left out: ${site.excludePorts.join(", ")}`);
        }
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      } finally {
        await site.stop();
        if (temporary !== null) rmSync(temporary, { recursive: true, force: true });
      }
    });
}
