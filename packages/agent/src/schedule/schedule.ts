/** Takes due looks within budget and scope, few at a host at a time, and plans anew by what they found. */

import type { ProbeId } from "@vedette/proto";
import type { Logger } from "pino";
import type { Observer, Report } from "../observe.ts";
import type { Standing } from "../policy.ts";
import { TIERS } from "../policy.ts";
import type { Clock } from "../probe/probe.ts";
import type { AnyProbe } from "../probe/registry.ts";
import type { Look, Task } from "../run.ts";
import { intervalOf, jittered } from "./interval.ts";
import { hostJobs, type Job, sweepJob, URGENCY } from "./plan.ts";
import { asPresence } from "./presence.ts";
import { createDueQueue } from "./queue.ts";
import { createSecondLooks, type OneRound, SECOND_LOOK_SPACING_MS } from "./second-look.ts";
import { isSilent, type Learned, type Site } from "./site.ts";
import { createSleeper } from "./sleeper.ts";

/** Looks under way at once over all hosts; the budget of connections is the door's. */
const TASKS_AT_ONCE = 64;
/** Long port lists under way at once: their attempts fill the site's budget, and what is urgent waits behind them. */
const WIDE_AT_ONCE = 2;
const WIDE_BESIDE_OTHERS = 1;
/** A look that our own budget cut is taken again after this long, so many times in all, before it is told as it is. */
const RETAKE_MS = 2000;
const TAKES = 3;
/** Their connections still go one at a time through the door. */
const SHORT_AT_A_HOST = 2;
const LONG_AT_A_HOST = 1;
/** A signal sets off the same look at most this often. */
const SIGNAL_SPACING_MS = 1000;
/** The first full sweep of a host comes within this share of its interval, spread by chance. */
const FIRST_SWEEP_SHARE = 1 / 30;
/** A silent host's presence is asked ever more rarely, down to this many intervals. */
const SILENT_BACK_OFF = 10;
const IDLE_MS = 1000;
const UNTOLD: Report = { decision: "silent", changed: false, first: false };

export interface ScheduleParts {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly site: Site;
  readonly observer: Observer;
  readonly standing: () => Standing;
  readonly probe: (id: ProbeId) => AnyProbe | undefined;
  readonly run: (task: Task, signal: AbortSignal) => Promise<readonly Look[]>;
  /** Looks at the site as a whole, as the standing has them. */
  readonly siteJobs: () => readonly Job[];
  /** Searches that take many looks, at the discovery interval. */
  readonly searches: readonly Search[];
  readonly logger: Logger;
  /** Whether there is memory for another look; absent: always. */
  readonly mayStart?: () => boolean;
  /** Every look once, then done: what `vedette audit` does. */
  readonly once?: OneRound;
}

/** Finds hosts by a search; reports what it has to tell by itself. */
export interface Search {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

type Item = { readonly kind: "job"; readonly job: Job } | { readonly kind: "search"; readonly search: Search };

export interface Counts {
  readonly hosts: number;
  readonly endpoints: number;
  readonly due: number;
  readonly running: number;
}

export interface Scheduler {
  /** Ends when the signal does and what was under way has ended; in `once` mode when nothing is left to do. */
  run(signal: AbortSignal): Promise<void>;
  /** Plans the host anew, now: it is new, or something was told of it. */
  refresh(address: string): void;
  /** A passive signal about a host, or about one of its ports: looks at it at once. */
  signal(address: string, port?: number): void;
  /** Searches by this probe again, at once. */
  search(probe: ProbeId): void;
  /** Looks at once, whatever is due, and tells what it saw. @returns undefined where no such probe may run */
  ask(probe: ProbeId, address: string, port: number): boolean;
  /** Looks whose facts the centre asks for again. */
  repeat(probe: ProbeId, address: string, port: number): void;
  /** The standing changed: plans everything anew. */
  replan(): void;
  counts(): Counts;
}

export function createScheduler(parts: ScheduleParts): Scheduler {
  const { clock, random, site, observer, logger, once } = parts;
  const queue = createDueQueue<Item>(isWide);
  const jobsOf = new Map<string, Set<string>>();
  const busy = new Map<string, { short: number; long: number }>();
  const startedAt = new Map<string, number>();
  const runAgain = new Set<string>();
  const running = new Set<Promise<void>>();
  const underWay = new Map<string, Item>();
  const cut = new Map<string, number>();
  let wake: () => void = () => {};
  let wideUnderWay = 0;
  let done = 0;
  const second = createSecondLooks();
  const sleeper = createSleeper(clock);

  function urgencyOf(item: Item): number {
    return item.kind === "search" ? URGENCY.discovery : URGENCY[item.job.interval];
  }

  function put(key: string, item: Item, dueMs: number, urgency = urgencyOf(item)): void {
    queue.put({ key, item, dueMs, urgency });
    wake();
  }

  /** What may run at this tier and is looked at in this mode. */
  function mayRun(job: Job): boolean {
    const probe = parts.probe(job.probe);
    return probe !== undefined && TIERS.indexOf(probe.tier) <= TIERS.indexOf(parts.standing().tier);
  }

  function jobs(address: string): Job[] {
    const host = site.hosts.get(address);
    if (host === undefined || !parts.standing().scope.allows(address)) return [];
    const standing = parts.standing();
    const sweep = once === undefined || once.sweep ? [sweepJob(address, standing)] : [];
    return [...hostJobs(host, standing), ...sweep].filter(mayRun);
  }

  function firstDue(job: Job, now: number): number {
    if (once !== undefined || job.interval !== "sweep") return now;
    return now + intervalOf("sweep", parts.standing().intervals) * FIRST_SWEEP_SHARE * random();
  }

  function refresh(address: string): void {
    plan(address, jobs(address));
  }

  /** Makes what is queued for a host what is wanted for it: new looks are due, known ones stay due when they were. */
  function plan(address: string, wantedJobs: readonly Job[]): void {
    const now = clock.monotonic();
    const before = jobsOf.get(address) ?? new Set<string>();
    const wanted = new Set<string>();
    for (const job of wantedJobs) {
      wanted.add(job.key);
      const known = queue.get(job.key);
      // A look that is under way is put back by itself.
      if (known !== undefined) queue.put({ ...known, item: { ...known.item, kind: "job", job } });
      else if (!before.has(job.key)) put(job.key, { kind: "job", job }, firstDue(job, now));
    }
    for (const key of before) {
      if (wanted.has(key)) continue;
      queue.remove(key);
      startedAt.delete(key);
    }
    jobsOf.set(address, wanted);
  }

  function soonest(key: string, now: number): number {
    return Math.max(now, (startedAt.get(key) ?? Number.NEGATIVE_INFINITY) + SIGNAL_SPACING_MS);
  }

  /** Moves looks of the host (of one port, where it is named) to now, or to the end of the spacing. */
  function hasten(address: string, concerns: (job: Job) => boolean): void {
    const now = clock.monotonic();
    for (const key of jobsOf.get(address) ?? []) {
      const entry = queue.get(key);
      const item = entry?.item ?? underWay.get(key);
      if (item?.kind !== "job" || !concerns(item.job)) continue;
      // What it sees may be from before the signal.
      if (entry === undefined) runAgain.add(key);
      queue.hasten(key, soonest(key, now), URGENCY.asked);
    }
    wake();
  }

  function signal(address: string, port?: number): void {
    if (!parts.standing().scope.allows(address)) return;
    if (site.note(address)) logger.info({ address }, "a host was heard of");
    refresh(address);
    hasten(
      address,
      (j) => j.interval === "presence" || (port === undefined ? j.interval === "guard" || j.interval === "light" : j.target.port === port),
    );
  }

  function follow(job: Job, look: Look, report: Report, learned: Learned | undefined): void {
    const address = learned?.address ?? job.target.address;
    if (learned?.isNews === true || learned?.revived === true) refresh(address);
    if (learned?.revived === true) hasten(address, (j) => j.interval !== "sweep" && j.interval !== "common");
    for (const port of learned?.opened ?? []) hasten(address, (j) => j.target.port === port);
    // A changed light look asks for the endpoint's other looks; what changed by them is told by them.
    if (report.changed && job.interval === "discovery") hasten(address, (j) => j.interval === "guard" || j.interval === "light");
    if (report.changed && (job.interval === "light" || job.interval === "certificate"))
      hasten(address, (j) => j.key !== job.key && j.target.port === job.target.port);
    if (isPresenceToTell(job, look)) hasten(address, (j) => j.interval === "presence");
  }

  /** Nothing of the host answered another list: that is told by presence looks alone, as three of them in a row mean that it is gone. */
  function isPresenceToTell(job: Job, look: Look): boolean {
    return look.probe === "tcp.connect" && look.outcome === "unreachable" && job.interval !== "presence";
  }

  function absorb(job: Job, looks: readonly Look[], forced: boolean): void {
    const standing = parts.standing();
    for (const seen of looks) {
      const look = job.interval === "presence" ? asPresence(seen) : seen;
      if (look.fault?.code === "bug")
        logger.error(
          { probe: look.probe, target: job.target.address, port: job.target.port, err: look.fault.cause, notes: look.notes },
          "a probe failed by its own fault",
        );
      const learned = site.absorb(look);
      const report = isPresenceToTell(job, look)
        ? UNTOLD
        : observer.report(look, { intervalMs: intervalOf(job.interval, standing.intervals), confirmMs: standing.confirmMs, forced });
      follow(job, look, report, learned);
    }
  }

  function delayOf(item: Item): number {
    const { intervals } = parts.standing();
    const name = item.kind === "search" ? "discovery" : item.job.interval;
    const ms = jittered(intervalOf(name, intervals), random);
    const host = item.kind === "job" ? site.hosts.get(item.job.host) : undefined;
    if (name !== "presence" || host === undefined || !isSilent(host)) return ms;
    return ms * Math.min(2 ** (host.missed - 2), SILENT_BACK_OFF);
  }

  function again(key: string, item: Item): void {
    if (cut.has(key)) {
      put(key, item, clock.monotonic() + RETAKE_MS);
      return;
    }
    if (once !== undefined) return;
    // Dropped from the plan while it ran.
    if (item.kind === "job" && jobsOf.get(item.job.host)?.has(key) !== true) return;
    if (queue.get(key) !== undefined) return;
    const now = clock.monotonic();
    if (runAgain.delete(key)) put(key, item, soonest(key, now), URGENCY.asked);
    else put(key, item, now + delayOf(item));
  }

  async function runJob(job: Job, asked: boolean, ends: AbortSignal): Promise<void> {
    const probe = parts.probe(job.probe);
    if (probe === undefined) return;
    const task: Task = {
      probe,
      target: job.target,
      options: probe.options.parse(job.options),
      ...(job.variant === undefined ? {} : { variant: job.variant }),
      ...(job.deadlineMs === undefined ? {} : { deadlineMs: job.deadlineMs }),
    };
    const looks = await parts.run(task, ends);
    // What the stop cut short says nothing of the network.
    if (ends.aborted || isToRetake(job, looks)) return;
    if (once !== undefined) second.taken(job, looks);
    absorb(job, looks, asked);
  }

  function isToRetake(job: Job, looks: readonly Look[]): boolean {
    const takes = (cut.get(job.key) ?? 0) + 1;
    if (takes >= TAKES || !looks.some((l) => l.fault?.code === "budget")) {
      cut.delete(job.key);
      return false;
    }
    cut.set(job.key, takes);
    return true;
  }

  function start(key: string, item: Item, urgency: number, ends: AbortSignal): void {
    const host = item.kind === "job" ? item.job.host : "";
    const kind = item.kind === "job" && item.job.long ? "long" : "short";
    const slots = busy.get(host) ?? { short: 0, long: 0 };
    slots[kind]++;
    busy.set(host, slots);
    if (isWide(item)) wideUnderWay++;
    const work = item.kind === "job" ? runJob(item.job, urgency === URGENCY.asked, ends) : item.search.run(ends);
    const run = work
      .catch((err: unknown) => logger.error({ err, key }, "a look failed by a fault of the agent"))
      .finally(() => {
        slots[kind]--;
        if (isWide(item)) wideUnderWay--;
        if (slots.short + slots.long === 0) busy.delete(host);
        running.delete(run);
        underWay.delete(key);
        again(key, item);
        done++;
        once?.onProgress?.(done, done + queue.size + running.size);
        wake();
      });
    running.add(run);
    underWay.set(key, item);
    startedAt.set(key, clock.monotonic());
  }

  function isWide(item: Item): boolean {
    return item.kind === "job" && item.job.probe === "tcp.connect" && item.job.long;
  }

  /** Of a silent host, only whether it is there is asked. */
  function isHeld(item: Item): boolean {
    const host = item.kind === "job" ? site.hosts.get(item.job.host) : undefined;
    return host !== undefined && isSilent(host) && item.kind === "job" && item.job.interval !== "presence";
  }

  /** Whether anything but wide looks needs the budget now. */
  function isBusy(): boolean {
    if ([...underWay.values()].some((item) => item.kind === "search")) return true;
    return queue.hasDue(clock.monotonic(), (item) => !isHeld(item));
  }

  function passes(item: Item): boolean {
    if (item.kind === "search" || item.job.host === "") return true;
    const slots = busy.get(item.job.host);
    if (slots !== undefined && (item.job.long ? slots.long >= LONG_AT_A_HOST : slots.short >= SHORT_AT_A_HOST)) return false;
    return !isHeld(item);
  }

  function sleep(ends: AbortSignal): Promise<void> {
    const now = clock.monotonic();
    // What is due and may not go waits for the end of a running look, which wakes us.
    const ms = Math.max(1, Math.min(IDLE_MS, (queue.nextDueMs(now) ?? Number.POSITIVE_INFINITY) - now));
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    return Promise.race([woken, sleeper.sleep(ms, ends)]);
  }

  /** Under the name "", as the host of what belongs to none. */
  function planSite(): void {
    plan("", parts.siteJobs().filter(mayRun));
  }

  function replan(): void {
    for (const search of parts.searches)
      if (queue.get(search.name) === undefined) put(search.name, { kind: "search", search }, clock.monotonic());
    planSite();
    for (const address of [...site.hosts.keys()]) {
      if (!parts.standing().scope.allows(address)) site.forget(address);
      refresh(address);
    }
  }

  /** At the end of a single round. @returns false where nothing is left to ask */
  function askAgain(): boolean {
    const again = second.claim([...site.hosts.keys()].flatMap(jobs));
    for (const [i, job] of again.entries()) put(job.key, { kind: "job", job }, clock.monotonic() + i * SECOND_LOOK_SPACING_MS);
    return again.length > 0;
  }

  return {
    async run(ends) {
      const heardAtMs = clock.monotonic() + (once?.listenMs ?? 0);
      replan();
      while (!ends.aborted) {
        for (;;) {
          if (running.size >= TASKS_AT_ONCE || parts.mayStart?.() === false) break;
          const mayBeWide = wideUnderWay < (isBusy() ? WIDE_BESIDE_OTHERS : WIDE_AT_ONCE);
          const entry = queue.take(clock.monotonic(), passes, mayBeWide);
          if (entry === undefined) break;
          start(entry.key, entry.item, entry.urgency, ends);
        }
        const isIdle = running.size === 0 && queue.size === 0 && clock.monotonic() >= heardAtMs;
        if (once !== undefined && isIdle && !askAgain()) break;
        await sleep(ends);
      }
      sleeper.cancel();
      await Promise.allSettled(running);
    },
    refresh,
    signal,

    ask(probe, address, port) {
      if (!parts.standing().scope.allows(address, port)) return false;
      site.note(address);
      refresh(address);
      let found = false;
      hasten(address, (j) => {
        const concerns = j.probe === probe && (port === 0 || j.target.port === port) && j.interval !== "sweep";
        found ||= concerns;
        return concerns;
      });
      return found;
    },

    search: (probe) => hasten("", (j) => j.probe === probe),
    repeat: (probe, address, port) => hasten(address, (j) => j.probe === probe && j.target.port === port && j.interval !== "sweep"),
    replan,
    counts: () => ({
      hosts: site.hosts.size,
      endpoints: [...site.hosts.values()].reduce((n, h) => n + h.ports.size + h.snmp.size, 0),
      due: queue.dueCount(clock.monotonic()),
      running: running.size,
    }),
  };
}
