/** Children of a start that was killed: noted while they run, ended by the next start if they are still the same processes. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type ProcessIdentity, processIdentity, sameProcess } from "./process.ts";

export class ChildNotes {
  readonly #file: string;
  readonly #children = new Map<string, ProcessIdentity>();

  constructor(file: string) {
    this.#file = file;
  }

  started(name: string, pid: number): void {
    const identity = processIdentity(pid);
    if (identity === null) return;
    this.#children.set(name, identity);
    this.#write();
  }

  ended(name: string): void {
    this.#children.delete(name);
    this.#write();
  }

  #write(): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(this.#children)), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

/** Ends what an earlier start left behind; returns the names. */
export async function endOrphans(file: string, graceMs = 6_000): Promise<string[]> {
  let noted: unknown;
  try {
    noted = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return [];
  }
  if (typeof noted !== "object" || noted === null) return [];
  const left = Object.entries(noted).filter((entry): entry is [string, ProcessIdentity] => sameProcess(entry[1]));
  // They end by themselves when their input ends; give them that time first.
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline && left.some(([, p]) => sameProcess(p))) await sleep(100);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const alive = left.filter(([, p]) => sameProcess(p));
    for (const [, p] of alive) process.kill(p.pid, signal);
    for (let i = 0; i < 30 && alive.some(([, p]) => sameProcess(p)); i++) await sleep(100);
  }
  return left.map(([name]) => name);
}
