/** Door, schedule, probes and outbox put together: what an agent and an audit have in common. */
import type { ProbeId } from "@vedette/proto";
import type { Logger } from "pino";
import { sayAlive } from "./alive.ts";
import type { Running } from "./discover/discover.ts";
import { listenTo } from "./listen.ts";
import { createBudget } from "./net/budget.ts";
import { createDoor, type Door } from "./net/door.ts";
import { type SiteInterface, siteInterfaces } from "./net/interfaces.ts";
import { readNeighbours } from "./net/neighbour.ts";
import { Permits } from "./net/permits.ts";
import type { ProbeLog } from "./net/probe-log.ts";
import { createObserver, type Observer } from "./observe.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { Standing } from "./policy.ts";
import type { Clock } from "./probe/probe.ts";
import { findProbe } from "./probe/registry.ts";
import { type Look, runTask, type Task } from "./run.ts";
import { intervalOf } from "./schedule/interval.ts";
import { siteJobs } from "./schedule/plan.ts";
import { createScheduler, type Scheduler } from "./schedule/schedule.ts";
import { createHostSearch } from "./schedule/search.ts";
import type { OneRound } from "./schedule/second-look.ts";
import { createSite, type Site } from "./schedule/site.ts";

/** Looks that nothing was told of for this long are of hosts that are gone; a sweep may be 30 days old. */
const FORGET_MS = 90 * 24 * 3600_000;

export interface EngineParts {
  readonly standing: Standing;
  readonly outbox: Outbox;
  readonly probeLog: ProbeLog;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly captures: readonly string[];
  /** Observation.boot; absent where nobody corrects the clock. */
  readonly boot?: number;
  /** Names; absent: every interface in scope. */
  readonly interfaces?: readonly string[];
  readonly sourceAddress?: string;
  /** Sockets to the site open at once; absent: as many as come. */
  readonly maxSockets?: number;
  /** Whether there is memory for another look; absent: always. */
  readonly mayStart?: () => boolean;
  readonly onAppended: () => void;
  readonly once?: OneRound;
}

export interface Engine {
  readonly site: Site;
  readonly scheduler: Scheduler;
  readonly standing: Standing;
  /** Another policy: a new door with its scope and budget; looks under way end behind the old one. */
  change(standing: Standing): void;
  /** Ends with the signal, or in `once` mode when every look was taken. */
  run(signal: AbortSignal): Promise<void>;
}

export function createEngine(parts: EngineParts): Engine {
  const { clock, random, logger, outbox } = parts;
  let standing = parts.standing;
  // One ceiling also while an old door still serves the looks under way.
  const sockets = parts.maxSockets === undefined ? undefined : new Permits(parts.maxSockets);
  let interfaces: readonly SiteInterface[];
  let doors = openDoors();

  /** Looks wait under the ceiling of sockets; what listens keeps its few for good, and would leave the looks none. */
  function openDoors(): { readonly looks: Door; readonly ears: Door } {
    const source = parts.sourceAddress;
    interfaces = siteInterfaces(standing.scope, {
      ...(parts.interfaces === undefined ? {} : { names: parts.interfaces }),
      ...(source === undefined ? {} : { loopbackSource: source }),
    });
    const ears = {
      scope: standing.scope,
      budget: createBudget(clock, standing.budget),
      clock,
      log: parts.probeLog,
      interfaces,
      ...(source === undefined ? {} : { sourceAddress: source }),
    };
    return { looks: createDoor(sockets === undefined ? ears : { ...ears, sockets }), ears: createDoor(ears) };
  }

  const site = createSite();
  const forgottenBefore = clock.wall() - FORGET_MS;
  outbox.forget([...outbox.allTold()].filter(([, t]) => t.reportedAtMs < forgottenBefore).map(([look]) => look));
  const unreadable = site.restore(outbox.allTold());
  if (unreadable.length > 0)
    logger.warn(
      { looks: unreadable.length, first: unreadable[0] },
      "what the outbox remembers of some looks cannot be read; the next ones tell all again",
    );
  const run = (task: Task, signal: AbortSignal): Promise<readonly Look[]> =>
    runTask(task, { door: doors.looks, clock, neighbours: () => readNeighbours() }, signal);
  const probe = (id: ProbeId) => findProbe(id);

  const told = createObserver({
    outbox,
    now: () => clock.wall(),
    ...(parts.boot === undefined ? {} : { boot: parts.boot }),
    onRefused: (look, cause) => logger.error({ probe: look.probe, err: cause }, "an observation was not kept"),
  });
  const observer: Observer = {
    report(look, cadence) {
      const report = told.report(look, cadence);
      if (report.decision !== "silent") parts.onAppended();
      return report;
    },
  };

  const words = { clock, random, logger, standing: () => standing, report: observer.report };

  const search = createHostSearch({
    site,
    clock,
    standing: () => standing,
    probe,
    run,
    logger,
    onFound: (address) => scheduler.refresh(address),
  });
  const scheduler: Scheduler = createScheduler({
    clock,
    random,
    site,
    observer,
    standing: () => standing,
    probe,
    run,
    siteJobs: () => siteJobs(interfaces, parts.captures, standing),
    searches: [search],
    logger,
    ...(parts.mayStart === undefined ? {} : { mayStart: parts.mayStart }),
    ...(parts.once === undefined ? {} : { once: parts.once }),
  });

  function listen(): Running {
    return listenTo({
      door: doors.ears,
      clock,
      site,
      scheduler,
      logger,
      report: (look) => observer.report(look, { intervalMs: intervalOf("discovery", standing.intervals), confirmMs: standing.confirmMs }),
    });
  }

  let ears: Running | undefined;
  return {
    site,
    scheduler,
    get standing() {
      return standing;
    },
    change(next) {
      standing = next;
      doors = openDoors();
      scheduler.replan();
      if (ears === undefined) return;
      const old = ears;
      ears = listen();
      void old.stop();
    },
    async run(signal) {
      ears = listen();
      const ends = new AbortController();
      // An audit is one round: it promises nothing.
      const saying = parts.once === undefined ? sayAlive(words, AbortSignal.any([signal, ends.signal])) : undefined;
      try {
        await scheduler.run(signal);
      } finally {
        ends.abort();
        await saying;
        await ears.stop();
      }
    },
  };
}
