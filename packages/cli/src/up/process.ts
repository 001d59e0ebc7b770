/** Which process a pid means: pids are reused, so start time and executable belong to the name. */
import { readFileSync, readlinkSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot (proc(5) stat field 22); empty where there is no /proc. */
  readonly startTime: string;
  readonly executable: string;
}

/** Null where no such process runs. */
export function processIdentity(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may hold anything, so count from its last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return null;
    return { pid, startTime: fields[19] ?? "", executable: readlinkSync(`/proc/${pid}/exe`) };
  } catch {
    return existsWithoutProc(pid) ? { pid, startTime: "", executable: "" } : null;
  }
}

function existsWithoutProc(pid: number): boolean {
  if (process.platform === "linux") return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** True where exactly that process still runs. */
export function sameProcess(value: unknown): value is ProcessIdentity {
  if (typeof value !== "object" || value === null || !("pid" in value) || typeof value.pid !== "number") return false;
  const now = processIdentity(value.pid);
  return (
    now !== null &&
    "startTime" in value &&
    now.startTime === value.startTime &&
    "executable" in value &&
    now.executable === value.executable
  );
}
