/** The data folder of `vedette up`: what kind it is, and that only one process uses it. */
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { makeFolders } from "@vedette/agent";
import { z } from "zod";
import { cannot, usage } from "../exit.ts";
import { processIdentity, sameProcess } from "./process.ts";

const Instance = z.object({ mode: z.enum(["demo", "real"]), schema: z.literal(1), buckets: z.number().int().positive() });
export type Instance = z.infer<typeof Instance>;

export interface DataFolder {
  readonly path: string;
  readonly instance: Instance;
  /** True where this start made it. */
  readonly fresh: boolean;
  /** Under `<data>`; exists. */
  at(...parts: string[]): string;
  release(): void;
}

export function defaultData(mode: Instance["mode"], checkout: string): string {
  if (mode === "demo") return join(checkout, ".vedette", "demo");
  const home = process.env["XDG_DATA_HOME"];
  return join(home !== undefined && home !== "" ? home : join(homedir(), ".local", "share"), "vedette");
}

function errno(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** Makes or opens the folder and takes its lock. @throws CommandError 2 where another process or the other mode has it, 3 where it cannot be written */
export function openFolder(path: string, mode: Instance["mode"], buckets: number): DataFolder {
  try {
    for (const part of ["", "run", "nats", "clickhouse", "agent"]) makeFolders(join(path, part), 0o700);
  } catch (error) {
    throw cannot(
      `--data: ${path} cannot be written (${errno(error)}): give a folder that ${process.env["USER"] ?? "this user"} may write`,
      error,
    );
  }
  const release = takeLock(path);
  try {
    const fresh = !existsSync(join(path, "instance.json"));
    return { path, instance: readInstance(path, mode, buckets), fresh, at: (...parts) => join(path, ...parts), release };
  } catch (error) {
    release();
    throw error;
  }
}

function readInstance(path: string, mode: Instance["mode"], buckets: number): Instance {
  const file = join(path, "instance.json");
  if (!existsSync(file)) {
    const instance: Instance = { mode, schema: 1, buckets };
    try {
      writeFileSync(`${file}.new`, `${JSON.stringify(instance)}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch (error) {
      throw cannot(`--data: ${file} cannot be written (${errno(error)}): free some disk or give write permission`, error);
    }
    return instance;
  }
  const parsed = Instance.safeParse(parseJson(readFileSync(file, "utf8")));
  if (!parsed.success) throw usage(`--data: ${file} is not of this version of vedette: choose another folder, or restore that file`);
  const found = parsed.data;
  if (found.mode !== mode) {
    throw usage(
      `--data: ${path} holds ${found.mode === "demo" ? "a demo" : "a real site"}: ${mode === "demo" ? "leave --demo out or " : ""}choose another folder`,
    );
  }
  if (found.buckets !== buckets)
    throw usage(`--data: ${path} was made with ${found.buckets} buckets, not ${buckets}: the number cannot change`);
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function takeLock(path: string): () => void {
  const file = join(path, "run", "lock");
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const fd = openSync(file, "wx", 0o600);
      writeFileSync(fd, JSON.stringify(processIdentity(process.pid)));
      closeSync(fd);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (errno(error) !== "EEXIST")
        throw cannot(`--data: ${path} cannot be written (${errno(error)}): give a folder that may be written`, error);
      const holder = parseJson(readFileSync(file, "utf8"));
      if (sameProcess(holder)) {
        const pid = (holder as { pid: number }).pid;
        throw usage(`--data: ${path} is in use by process ${pid}: stop that one or choose another folder`);
      }
      rmSync(file, { force: true });
    }
  }
  throw usage(`--data: ${path} is being started by another process: try again`);
}
