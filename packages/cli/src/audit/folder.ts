/** Where an audit writes: a folder of its own, made before anything is sent, so that no look is taken in vain. */
import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { makeFolders } from "@vedette/agent";
import { cannot, usage } from "../exit.ts";

export interface AuditFolder {
  readonly path: string;
  readonly report: string;
  readonly probeLog: string;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** @throws CommandError with status 3 where it cannot be written, 2 where it holds an earlier audit */
export function makeFolder(out: string | undefined, now: number): AuditFolder {
  const name = out ?? `vedette-audit-${new Date(now).toISOString().slice(0, 16).replace(":", "")}`;
  const path = resolve(name);
  const folder = { path, report: join(path, "report.json"), probeLog: join(path, "probes.jsonl") };
  for (const file of [folder.report, folder.probeLog])
    if (existsSync(file)) throw usage(`--out: ${file} is there already; name another folder, an earlier audit is not overwritten`);
  try {
    makeFolders(path);
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw cannot(`--out: ${path} cannot be written (${codeOf(error)}); name a folder that can`, error);
  }
  return folder;
}

/** @throws CommandError with status 3 */
export function writeReport(folder: AuditFolder, report: unknown): void {
  try {
    writeFileSync(folder.report, `${JSON.stringify(report, null, 2)}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw cannot(`${folder.report} cannot be written (${codeOf(error)})`, error);
  }
}
