import type { Command } from "commander";
import { STATUS, usage } from "../exit.ts";
import { printJson, say } from "../output.ts";
import { stopSignal } from "../signal.ts";

export function addProbe(root: Command): void {
  root
    .command("probe")
    .description("One probe, once, at exactly the host named; prints the reading.")
    .argument("<probe-id>", 'for example tls.handshake; "vedette agent probes" lists them')
    .argument("<target>", "ADDRESS:PORT, or a capture file for wifi.bss")
    .option("--options <json>", "the probe's options as JSON")
    .option("--json", "as JSON (also the default where there is more than a line to say)")
    .addHelpText(
      "after",
      "\nExamples:\n  vedette probe tls.handshake 127.0.0.1:443 --json\n  vedette probe wifi.bss capture.pcapng --json\n",
    )
    .action(async (id: string, target: string, flags: { options?: string; json?: boolean }) => {
      const { probeOnce } = await import("@vedette/agent");
      const answers = await probeOnce(id, target, { signal: stopSignal(), options: parseOptions(flags.options) });
      const [first] = answers;
      printJson(answers.length === 1 ? first : answers);
      for (const { outcome, fault } of answers)
        if (fault !== undefined && flags.json !== true) say(`${outcome}: ${fault.message} (${fault.phase}, ${fault.code})`);
      const settled = answers.length > 0 && answers.every(({ outcome }) => outcome === "identified" || outcome === "not-identified");
      process.exitCode = settled ? STATUS.done : STATUS.failed;
    });
}

function parseOptions(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The same answer as for JSON that is no object.
  }
  throw usage('--options: must be a JSON object, for example {"list":"common"}');
}
