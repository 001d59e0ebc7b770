/** What a producer was about to tell, and what its outbox took: the truth that the centre is measured against. No fault touches these files. */
import { readFileSync } from "node:fs";

/** Cameras that a producer tells of. */
export const DEVICES = 5;

export function cameraAddress(device: number): string {
  return `198.18.45.${device + 10}`;
}

/** The nth copy of a disk marks from here on, n times: marks are told apart, and each copy's rise. */
export const COPY_MARKS = 1_000_000;

/** One observation that may have been produced. Marks rise from 1; `wallMs` is the true time, whatever the agent's clock said. */
export interface Intent {
  readonly mark: number;
  readonly device: number;
  readonly open: boolean;
  readonly wallMs: number;
}

/** Where the outbox has put an observation. */
export interface Kept {
  readonly epoch: string;
  readonly seq: number;
}

export interface Journal {
  readonly intents: ReadonlyMap<number, Intent>;
  /** Marks that the outbox has taken: each must arrive, or a gap record must name it. */
  readonly kept: ReadonlyMap<number, Kept>;
  /** Marks for which it had no room: none may arrive. */
  readonly refused: ReadonlySet<number>;
}

type Line = Partial<Intent> & Partial<Kept> & { readonly kept?: number; readonly refused?: number };

export function readJournal(...files: readonly string[]): Journal {
  const intents = new Map<number, Intent>();
  const kept = new Map<number, Kept>();
  const refused = new Set<number>();
  for (const text of files.flatMap((file) => textOf(file).split("\n"))) {
    if (text === "") continue;
    const line = JSON.parse(text) as Line;
    if (line.kept !== undefined) kept.set(line.kept, { epoch: line.epoch ?? "", seq: line.seq ?? 0 });
    else if (line.refused !== undefined) refused.add(line.refused);
    else if (line.mark !== undefined) intents.set(line.mark, line as Intent);
  }
  return { intents, kept, refused };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // Nothing was produced yet.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
