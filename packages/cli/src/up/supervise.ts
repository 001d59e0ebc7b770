/** Keeps children running: restarts one that ends, with back-off, until told to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { ChildNotes } from "./orphan.ts";

export interface Running {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  stop(): Promise<unknown>;
}

export interface Supervised {
  readonly name: string;
  /** Resolves when the child is ready for others to use. */
  start(): Promise<Running>;
}

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 30_000;
/** A child that ran this long was healthy: the next failure waits the first delay again. */
const HEALTHY_MS = 60_000;

export class Supervisor {
  readonly #logger: Logger;
  readonly #notes: ChildNotes;
  readonly #children: { name: string; running: Running | null; loop: Promise<void> }[] = [];
  readonly #stopping = new AbortController();

  constructor(logger: Logger, notes: ChildNotes) {
    this.#logger = logger;
    this.#notes = notes;
  }

  /** Starts it and waits until it is ready. @throws what its first start throws */
  async add(child: Supervised): Promise<void> {
    const began = Date.now();
    const running = await child.start();
    this.#notes.started(child.name, running.pid);
    const entry = { name: child.name, running: running as Running | null, loop: Promise.resolve() };
    entry.loop = this.#keep(child, entry, began);
    this.#children.push(entry);
    this.#logger.debug({ child: child.name, childPid: running.pid, ms: Date.now() - began }, "started");
  }

  async #keep(child: Supervised, entry: { running: Running | null }, firstBegan: number): Promise<void> {
    let delay = FIRST_DELAY_MS;
    let began = firstBegan;
    const { signal } = this.#stopping;
    while (entry.running !== null) {
      const exit = await entry.running.exited;
      this.#notes.ended(child.name);
      entry.running = null;
      if (signal.aborted) return;
      if (Date.now() - began > HEALTHY_MS) delay = FIRST_DELAY_MS;
      while (entry.running === null && !signal.aborted) {
        this.#logger.warn({ child: child.name, exit, restartInMs: delay }, `${child.name} ended; it is started again`);
        await sleep(delay, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
        delay = Math.min(delay * 2, LAST_DELAY_MS);
        began = Date.now();
        try {
          entry.running = await child.start();
          this.#notes.started(child.name, entry.running.pid);
        } catch (error) {
          this.#logger.error(
            { child: child.name, error: error instanceof Error ? error.message : String(error) },
            `${child.name} could not be started`,
          );
        }
      }
    }
  }

  /** Stops in reverse order of starting, each after the one that uses it. */
  async stop(onStopping?: (name: string) => void): Promise<void> {
    this.#stopping.abort();
    for (const entry of this.#children.toReversed()) {
      if (entry.running !== null) {
        onStopping?.(entry.name);
        await entry.running.stop();
      }
      await entry.loop;
    }
  }
}
