/** `vedette collector backup` and `restore` (docs/backup.md). */
import type { Command } from "commander";
import { makeLogger, printJson, say } from "../output.ts";

interface Flags {
  readonly serverBackups?: string;
  readonly json?: boolean;
}

const SERVER_BACKUPS =
  "backups.allowed_path of a ClickHouse that is not our child, mounted here under the same path; of several shards all, with commas";

function serverBackups(flags: Flags): { serverBackups?: string } {
  return flags.serverBackups === undefined ? {} : { serverBackups: flags.serverBackups };
}

export function addBackup(collector: Command): void {
  collector
    .command("backup")
    .description("Keep truth, history and keys, while collectors run or when they are stopped. Whoever has the backup has everything.")
    .requiredOption("--config <file>", "the collector's config (of an `up`: DATA/run/collector.yaml)")
    .requiredOption("--to <path>", "a new folder, or a new file that ends in .tar")
    .option("--server-backups <dirs>", SERVER_BACKUPS)
    .option("--json", "as JSON")
    .action(async (flags: Flags & { config: string; to: string }) => {
      const { backup, readCollectorConfig } = await import("@vedette/collector");
      const report = await backup({
        config: readCollectorConfig(flags.config),
        configFile: flags.config,
        to: flags.to,
        logger: makeLogger("backup", "warn"),
        ...serverBackups(flags),
      });
      if (flags.json === true) printJson(report);
      else
        say(`${report.to}: ${report.tables} tables, ${report.files} files, ${report.bytes} bytes; left out: ${report.leftOut.join("; ")}`);
    });

  collector
    .command("restore")
    .description("Make an empty data folder what it was when the backup was made.")
    .requiredOption("--from <path>", "folder or .tar of a backup")
    .option("--config <file>", "the collector's config (default: the one in the backup)")
    .option("--server-backups <dirs>", SERVER_BACKUPS)
    .option("--json", "as JSON")
    .action(async (flags: Flags & { config?: string; from: string }) => {
      const { restore } = await import("@vedette/collector");
      const report = await restore({
        from: flags.from,
        logger: makeLogger("restore", "warn"),
        ...(flags.config === undefined ? {} : { configFile: flags.config }),
        ...serverBackups(flags),
      });
      if (flags.json === true) printJson(report);
      else
        say(
          `${report.data}: ${report.tables} tables as of ${report.madeAt}, ${report.documents} documents verified; start it, or run rebuild`,
        );
    });
}
