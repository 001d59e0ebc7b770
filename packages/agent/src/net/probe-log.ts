/**
 * Every probe that sent something is on record: JSON lines, append-only. A line "began" stands before the first packet leaves, so that a
 * crash in the middle leaves its trace; a line "ended" tells what was spent. Each file's first line carries the hash of the file before
 * it, so the newest hash stands for the whole log.
 */
import { createHash, type Hash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";

export interface ProbeLogEntry {
  /** RFC 3339 UTC. */
  readonly time: string;
  readonly event: "began" | "ended";
  readonly probe: string;
  /** "192.0.2.7:554", an address alone, or a multicast group. */
  readonly target: string;
  readonly connections?: number;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  /** Datagrams from outside the scope, and beyond the queue's end, that were not looked at. */
  readonly dropped?: number;
}

export interface ProbeLog {
  write(entry: ProbeLogEntry): void;
  /** SHA-256 over the newest file, lower-case hex. */
  hash(): string;
  close(): void;
}

export interface ProbeLogFile {
  readonly path: string;
  /** Rotates beyond this. Default 16 MiB. */
  readonly maxBytes?: number;
  /** Older files kept: PATH.1 is the youngest of them. Default 8. */
  readonly keep?: number;
}

/** @throws the file system's error where the file cannot be opened or written: without a record nothing may be sent */
export function openProbeLog({ path, maxBytes = 16 * 2 ** 20, keep = 8 }: ProbeLogFile): ProbeLog {
  const before = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  let digest: Hash = createHash("sha256").update(before);
  let size = before.length;
  let file = openSync(path, "a", 0o600);
  // A line that a crash cut is ended, never removed.
  if (size > 0 && before[size - 1] !== 0x0a) append("\n");

  function append(line: string): void {
    const bytes = Buffer.from(line);
    writeSync(file, bytes);
    digest.update(bytes);
    size += bytes.length;
  }

  function rotate(): void {
    const previous = digest.copy().digest("hex");
    closeSync(file);
    rmSync(`${path}.${keep}`, { force: true });
    for (let n = keep - 1; n >= 1; n--) if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
    renameSync(path, `${path}.1`);
    file = openSync(path, "a", 0o600);
    digest = createHash("sha256");
    size = 0;
    append(`${JSON.stringify({ previous })}\n`);
  }

  return {
    write(entry) {
      if (size >= maxBytes) rotate();
      append(`${JSON.stringify(entry)}\n`);
    },
    hash: () => digest.copy().digest("hex"),
    close: () => closeSync(file),
  };
}

/** For single probes and tests: the same record, kept in memory. */
export function memoryProbeLog(): ProbeLog & { readonly entries: readonly ProbeLogEntry[] } {
  const entries: ProbeLogEntry[] = [];
  const digest = createHash("sha256");
  return {
    entries,
    write(entry) {
      entries.push(entry);
      digest.update(`${JSON.stringify(entry)}\n`);
    },
    hash: () => digest.copy().digest("hex"),
    close: () => undefined,
  };
}
