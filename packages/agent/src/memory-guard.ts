/**
 * Keeps the process under its ceiling of memory: at the ceiling no new look begins until those under way have given enough back. A process that
 * stays there is not busy but grown; it is better started anew, which loses nothing that the outbox holds.
 */
import type { Logger } from "pino";
import type { Clock } from "./probe/probe.ts";

/** Looks begin again below this share of the ceiling. */
const RELIEF = 0.9;
/** At the ceiling for so long, the agent ends. */
const STUCK_MS = 60_000;

export class MemoryCeilingError extends Error {
  override readonly name = "MemoryCeilingError";
}

export interface MemoryGuardParts {
  /** Bytes. */
  readonly ceiling: number;
  /** Resident set size of the process, bytes. */
  readonly resident: () => number;
  readonly clock: Pick<Clock, "monotonic">;
  readonly logger: Logger;
}

export interface MemoryGuard {
  /** Whether another look may begin. */
  mayStart(): boolean;
  /** Looks at the memory; to be called every few seconds. @throws MemoryCeilingError where it has been at the ceiling for a minute */
  check(): void;
}

export function createMemoryGuard({ ceiling, resident, clock, logger }: MemoryGuardParts): MemoryGuard {
  let tightSince: number | undefined;
  return {
    mayStart: () => tightSince === undefined,
    check() {
      const bytes = resident();
      if (tightSince === undefined) {
        if (bytes < ceiling) return;
        tightSince = clock.monotonic();
        logger.warn({ bytes, ceiling }, "the memory is at its ceiling: no new look begins for now");
      } else if (bytes < ceiling * RELIEF) {
        tightSince = undefined;
        logger.info({ bytes, ceiling }, "looks begin again");
      } else if (clock.monotonic() - tightSince >= STUCK_MS) {
        throw new MemoryCeilingError(
          `the agent takes ${Math.round(bytes / 1024 ** 2)} MiB and does not come below limits.memoryMiB (${Math.round(ceiling / 1024 ** 2)}): raise it, or narrow the scope`,
        );
      }
    },
  };
}
