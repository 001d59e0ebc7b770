import type { Command } from "commander";
import { makeLogger, printJson, printLine, say } from "../output.ts";
import { stopSignal } from "../signal.ts";
import { addBackup } from "./backup.ts";
import { addQuarantine } from "./quarantine.ts";

export function addCollector(root: Command): void {
  const collector = root.command("collector").description("The centre: stores what agents saw, derives what it means, serves it.");

  collector
    .command("run")
    .description("Run the collector until Ctrl-C.")
    .requiredOption("--config <file>", "its config in YAML (deploy/sample/collector.yaml)")
    .option("--parent", "end when standard input ends, and say when ready")
    .action(async (flags: { config: string; parent?: boolean }) => {
      const { readCollectorConfig, runCollector } = await import("@vedette/collector");
      const config = readCollectorConfig(flags.config);
      const signal = stopSignal({ parentStdin: flags.parent === true });
      await runCollector(config, {
        logger: makeLogger("collector"),
        signal,
        onReady: (ready) => {
          if (flags.parent === true) printLine({ ready: true, ...ready });
          else say(`ready: http ${ready.httpPort}, grpc ${ready.grpcPort}`);
        },
      });
    });

  collector
    .command("migrate")
    .description("Bring the tables of ClickHouse to this version; asking again changes nothing.")
    .requiredOption("--config <file>", "the collector's config")
    .action(async (flags: { config: string }) => {
      const { migrateStore, readCollectorConfig } = await import("@vedette/collector");
      const done = await migrateStore(readCollectorConfig(flags.config));
      say(done.length === 0 ? "nothing to do" : `applied: ${done.join(", ")}`);
    });

  collector
    .command("rebuild")
    .description(
      "Derive the present of every site from nothing and write only what differs. Stop the collectors first, or let them: one of both is refused by the log.",
    )
    .requiredOption("--config <file>", "the collector's config")
    .option("--site <site>", "only this site")
    .option("--json", "as JSON")
    .action(async (flags: { config: string; site?: string; json?: boolean }) => {
      const { readCollectorConfig, rebuild } = await import("@vedette/collector");
      const report = await rebuild(readCollectorConfig(flags.config), {
        logger: makeLogger("rebuild", "warn"),
        signal: stopSignal(),
        say,
        ...(flags.site === undefined ? {} : { site: flags.site }),
      });
      if (flags.json === true) printJson(report);
      else say(`${report.sites} sites, ${report.devices} devices derived; ${report.rows} rows differed and were written`);
    });

  addBackup(collector);
  addQuarantine(collector);
}
