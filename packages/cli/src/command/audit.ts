import { findingsAt, LANGUAGES, type Language, summaryLines } from "@vedette/report";
import { type Command, Option } from "commander";
import { announcement, audit } from "../audit/audit.ts";
import { makeFolder, writeReport } from "../audit/folder.ts";
import { each, type Flags, formatOf, planOf, thresholdOf, tierOf, timeOf } from "../audit/option.ts";
import { STATUS, usage } from "../exit.ts";
import { cidrs, oneOf, wholeNumber } from "../option.ts";
import { makeLogger, printJson, progress, say } from "../output.ts";
import { stopSignal } from "../signal.ts";

/** Known by name, so that nobody believes that they took effect. */
const NOT_YET = ["--credentials <file>", "--assets <file>", "--feed <dir>", "--against <file>"];
/** setTimeout knows no longer wait (24 days). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function addAudit(root: Command): void {
  const command = root
    .command("audit")
    .description("One visit to a site without a server: looks at everything in scope once and writes report.json.")
    .option("--scope <cidrs>", "networks that may be looked at; nothing else is ever sent to", cidrs)
    .option("--exclude <cidrs>", "networks inside the scope that are left alone", cidrs)
    .option("--interface <name>", "interface for searches by multicast; may be given again (default: every one in scope)", each)
    .option("--tier <tier>", "passive listens; polite sends what any client could send, and never a credential", tierOf, "polite")
    .option("--wifi <file>", "capture file (pcap, pcapng) with the site's networks; may be given again", each)
    .option("--out <dir>", "folder of report.json and probes.jsonl (default: ./vedette-audit-<time>)")
    .option("--format <format>", "json", formatOf, "json")
    .option("--lang <lang>", "language of the summary: en or zh-TW", oneOf<Language>("--lang", LANGUAGES), "en")
    .option("--site <name>", "name of the site in the report", "site-1")
    .option("--profile <file>", "declared services of models, in YAML or JSON")
    .option("--attestations <file>", "attestations, in YAML or JSON")
    .option("--authorized-by <name>", "who allowed this audit; stands in the report")
    .option("--until <time>", "ends then at the latest, RFC 3339", timeOf)
    .option("--rate <n>", "connection attempts a second over the site; the budget of one device follows", wholeNumber("--rate", 1, 10_000))
    .option("--full-sweep", "every TCP port of every device: 22 minutes each at the usual pace")
    .option("--fail-on <what>", "level:N or clause:ID; status 1 where such a clause fails; may be given again", thresholdOf)
    .option("--json", "print the report to stdout too")
    .addHelpText(
      "after",
      `
Examples:
  vedette audit --scope 192.168.20.0/24 --authorized-by "Site owner" --out visit
  vedette audit --scope 192.168.20.0/24,192.168.21.7 --wifi scan.pcapng --lang zh-TW
  vedette audit --scope 192.168.20.0/24 --profile models.yaml --full-sweep --fail-on level:1`,
    )
    .action(async (flags: Flags) => {
      process.exitCode = await run(flags);
    });
  for (const flag of NOT_YET)
    command.addOption(
      new Option(flag, "not in this version").hideHelp().argParser(() => {
        throw usage(`${flag.split(" ")[0]}: this version does not know what to do with it; leave it out`);
      }),
    );
}

async function run(flags: Flags): Promise<number> {
  const plan = planOf(flags, Date.now());
  const lines = announcement(plan, Date.now());
  const folder = makeFolder(flags.out, Date.now());
  for (const line of lines) say(line);
  const stop = stopSignal();
  const signal =
    plan.until === undefined ? stop : AbortSignal.any([stop, AbortSignal.timeout(Math.min(plan.until - Date.now(), LONGEST_TIMER_MS))]);
  const line = progress();
  const report = await audit(plan, {
    logger: makeLogger("audit", process.env["VEDETTE_LOG"] ?? "error"),
    signal,
    probeLog: folder.probeLog,
    onProgress: ({ looksDone, looksKnown, hosts }) => line.update(`${hosts} devices, ${looksDone} of ${looksKnown} looks known so far`),
  });
  line.end();
  writeReport(folder, report);
  if (flags.json === true) printJson(report);
  for (const text of summaryLines(report, flags.lang)) say(text);
  say(folder.report);
  return plan.failOn.some((threshold) => findingsAt(report, threshold).length > 0) ? STATUS.findings : STATUS.done;
}
