/** `vedette collector quarantine`: look at what was refused, feed it again, or drop it (docs/ingest.md). */
import { userInfo } from "node:os";
import type { QuarantineDesk } from "@vedette/collector";
import type { Command } from "commander";
import { STATUS, usage } from "../exit.ts";
import { wholeNumber } from "../option.ts";
import { makeLogger, printJson, say } from "../output.ts";

interface Flags {
  readonly config: string;
  readonly tenant?: string;
  readonly json?: boolean;
}

interface DecisionFlags extends Flags {
  readonly why?: string;
  readonly by?: string;
}

async function withDesk(flags: Flags, act: (desk: QuarantineDesk) => Promise<void>): Promise<void> {
  const { openQuarantine, readCollectorConfig } = await import("@vedette/collector");
  const desk = await openQuarantine(readCollectorConfig(flags.config), {
    logger: makeLogger("quarantine", "warn"),
    ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
  });
  try {
    await act(desk);
  } finally {
    await desk.close();
  }
}

/** What agents sent is shown without the characters that move a terminal's cursor. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "?");
}

function age(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
  ] as const;
  const [unit, size] = units.find(([, s]) => ms >= s) ?? ["s", 1_000];
  return `${Math.floor(ms / size)} ${unit}`;
}

function hexDump(bytes: Uint8Array): string {
  const WIDTH = 32;
  const lines = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    lines.push(`${at.toString(16).padStart(6, "0")}  ${Buffer.from(bytes.subarray(at, at + WIDTH)).toString("hex")}`);
  }
  return lines.join("\n");
}

async function list(desk: QuarantineDesk, flags: Flags & { limit: number }): Promise<void> {
  const now = Date.now();
  const entries = (await desk.list(flags.limit)).map(({ storedAt, ...entry }) => ({
    ...entry,
    storedAt: new Date(storedAt).toISOString(),
    ageSeconds: Math.floor((now - storedAt) / 1_000),
  }));
  if (flags.json === true) {
    printJson({ items: entries });
    return;
  }
  for (const e of entries) {
    const from = plain(e.agent === "" ? e.tenant : `${e.tenant}/${e.site}/${e.agent}`);
    const seqs = e.epoch === "" ? "seqs unknown" : `seq ${e.first} to ${e.last}`;
    process.stdout.write(`${e.id}  ${from}  ${seqs}  ${age(e.ageSeconds * 1_000)} old  ${plain(e.reason)}\n`);
  }
  say(entries.length === 0 ? "nothing is in quarantine" : `${entries.length} in quarantine`);
}

async function show(desk: QuarantineDesk, id: string, flags: Flags): Promise<void> {
  const { entry, decoded } = await desk.show(id);
  const { message, storedAt, ...rest } = entry;
  const facts = { ...rest, storedAt: new Date(storedAt).toISOString(), bytes: message.length, ...decoded };
  if (flags.json === true || decoded.batch !== null)
    printJson(decoded.batch === null ? { ...facts, hex: Buffer.from(message).toString("hex") } : facts);
  else process.stdout.write(`${JSON.stringify(facts, null, 2)}\n${hexDump(message)}\n`);
}

async function requeue(desk: QuarantineDesk, id: string | undefined, flags: DecisionFlags & { all?: boolean }): Promise<void> {
  if ((id === undefined) === (flags.all !== true)) throw usage("requeue: give the id of one message, or --all");
  const MOST = 100_000;
  const ids = id === undefined ? (await desk.list(MOST)).filter((e) => e.agent !== "").map((e) => e.id) : [id];
  const by = { author: flags.by ?? userInfo().username, why: flags.why ?? "" };
  const items = [];
  for (const one of ids) items.push(await desk.requeue(one, by));
  if (flags.json === true) printJson({ items });
  for (const { id: one, stored, refused } of items) {
    const again = [...new Set(refused.map((r) => plain(r.reason)))].join("; ");
    say(`${one}: ${stored} stored${refused.length === 0 ? "" : `, ${refused.length} refused again: ${again}`}`);
  }
  if (items.some(({ refused }) => refused.length > 0)) process.exitCode = STATUS.findings;
}

async function drop(desk: QuarantineDesk, id: string, flags: DecisionFlags): Promise<void> {
  const entry = await desk.drop(id, { author: flags.by ?? userInfo().username, why: flags.why ?? "" });
  const { message, storedAt, ...rest } = entry;
  if (flags.json === true) printJson({ dropped: { ...rest, bytes: message.length, storedAt: new Date(storedAt).toISOString() } });
  else say(`${id}: dropped, ${message.length} bytes of ${plain(entry.agent === "" ? entry.tenant : entry.agent)}`);
}

export function addQuarantine(collector: Command): void {
  const quarantine = collector.command("quarantine").description("Messages of agents that were refused: look, feed again, drop.");
  const sub = (name: string, description: string) =>
    quarantine
      .command(name)
      .description(description)
      .requiredOption("--config <file>", "the collector's config")
      .option("--tenant <tenant>", "only this tenant's")
      .option("--json", "as JSON");
  const decision = (command: Command) =>
    command
      .option("--why <text>", "the reason, kept with the decision")
      .option("--by <name>", "who decides (default: this machine's user)");

  sub("list", "What is in quarantine, oldest first.")
    .option("--limit <n>", "at most so many", wholeNumber("--limit", 1, 100_000), 1_000)
    .action((flags: Flags & { limit: number }) => withDesk(flags, (desk) => list(desk, flags)));

  sub("show <id>", "One message: decoded where it can be, else in hex, and what would be said of it now.").action(
    (id: string, flags: Flags) => withDesk(flags, (desk) => show(desk, id, flags)),
  );

  decision(sub("requeue [id]", "Take a message in again, as if it had just come. Status 1: some of it was refused again."))
    .option("--all", "every message that is listed")
    .action((id: string | undefined, flags: DecisionFlags & { all?: boolean }) => withDesk(flags, (desk) => requeue(desk, id, flags)));

  decision(sub("drop <id>", "Remove a message for good. What it was, who dropped it and why is kept."))
    .option("--yes", "without it nothing is dropped")
    .action(async (id: string, flags: DecisionFlags & { yes?: boolean }) => {
      if (flags.yes !== true) throw usage(`drop: ${plain(id)} would be removed for good; add --yes and --why to do it`);
      if (flags.why === undefined || flags.why.trim() === "") throw usage("--why: is missing; say why it may be dropped");
      await withDesk(flags, (desk) => drop(desk, id, flags));
    });
}
