/** The agent as a whole: composed, started, drained, stopped. */
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { equals } from "@bufbuild/protobuf";
import { bootMark, isProbeId, type Policy, PolicySchema } from "@vedette/proto";
import type { Logger } from "pino";
import { type AgentConfig, ConfigError } from "./config.ts";
import { createEngine, type Engine } from "./engine.ts";
import { makeFolders } from "./folder.ts";
import { createForwarder } from "./forward.ts";
import { IdentityError, loadIdentity, type StoredIdentity } from "./identity.ts";
import { parseLookKey } from "./look-key.ts";
import { createMemoryGuard } from "./memory-guard.ts";
import { bootClock, bootId } from "./net/boot-clock.ts";
import { openProbeLog } from "./net/probe-log.ts";
import { createDiskOutbox } from "./outbox/disk.ts";
import type { Applied, Outbox } from "./outbox/outbox.ts";
import { type Ceiling, stand } from "./policy.ts";
import type { Clock } from "./probe/probe.ts";
import { natsBroker } from "./publish.ts";
import { createSession, storedPolicy } from "./session.ts";
import { writeStatus } from "./status.ts";
import { AGENT_VERSION } from "./version.ts";

/** What is still in the outbox when the agent stops may use this long to leave; the rest leaves at the next start. */
const DRAIN_MS = 5000;
const DRAIN_STEP_MS = 50;
/** So long the first exchange with the centre is waited for: without one, a broker that is reached is worth more than an offset. */
const MEASURE_MS = 3000;
const STATUS_FILE_MS = 5000;
const MIB = 1024 ** 2;
const DAY_MS = 86_400_000;

export interface RunOptions {
  readonly logger: Logger;
  /** Ends the agent in order. */
  readonly signal: AbortSignal;
  /** In [0, 1). */
  readonly random?: () => number;
}

function checkInterfaces(config: AgentConfig): void {
  const present = networkInterfaces();
  const missing = config.interfaces?.find((name) => present[name] === undefined);
  if (missing !== undefined)
    throw new ConfigError(
      `interfaces: "${missing}" is not an interface of this machine with an address; choose of ${Object.keys(present).join(", ")}`,
    );
}

function identityOf(config: AgentConfig): StoredIdentity {
  const identity = loadIdentity(config.data);
  if (identity === undefined)
    throw new IdentityError(`data: ${config.data} holds no identity; run "vedette agent enroll" with a token first`);
  return identity;
}

export function ceilingOf(config: Pick<AgentConfig, "scope" | "exclude" | "tier" | "budget">): Ceiling {
  return { scope: config.scope, exclude: config.exclude, tier: config.tier, budget: config.budget };
}

function repeatFacts(engine: Engine, outbox: Outbox, applied: Applied): void {
  const looks = applied.epochRenewed ? [...outbox.allTold()].map(([look]) => look) : applied.needFacts;
  for (const key of looks) {
    const look = parseLookKey(key);
    if (look?.subject.kind === "host") engine.scheduler.repeat(look.probe, look.subject.address, 0);
    else if (look?.subject.kind === "endpoint") engine.scheduler.repeat(look.probe, look.subject.address, look.subject.port);
  }
}

/**
 * Runs until the signal aborts; then what is under way ends, and the outbox gets a few seconds to drain.
 * @throws ConfigError, IdentityError, MemoryCeilingError, ScopeError of a policy, or SQLite's error where the data folder cannot be written
 */
export async function runAgent(config: AgentConfig, { logger, signal, random = Math.random }: RunOptions): Promise<void> {
  checkInterfaces(config);
  makeFolders(config.data, 0o700);
  const enrolled = identityOf(config);
  const identity = config.centre === undefined ? enrolled : { ...enrolled, grpc: config.centre.grpc };
  const clock = bootClock;
  const startedMs = clock.wall();
  const boot = bootId();
  const ends = new AbortController();
  const stop = AbortSignal.any([signal, ends.signal]);
  const memory = createMemoryGuard({
    ceiling: config.limits.memoryMiB * MIB,
    resident: () => process.memoryUsage.rss(),
    clock,
    logger,
  });
  const outbox = createDiskOutbox({
    path: join(config.data, "outbox.sqlite"),
    now: () => clock.wall(),
    monotonic: () => clock.monotonic(),
    machine: boot,
    maxBytes: config.outbox.maxMiB * MIB,
    maxAgeMs: config.outbox.maxDays * DAY_MS,
    onSetAside: (path, reason) => logger.error({ path, reason }, "the outbox was damaged and is set aside: a new epoch begins"),
  });
  const probeLog = openProbeLog({ path: join(config.data, "probe.log") });
  const ceiling = ceilingOf(config);

  let engine: Engine | undefined;
  let held = storedPolicy(config.data, identity, logger);
  const first = Promise.withResolvers<Policy>();
  const session = createSession({
    data: config.data,
    identity,
    centreMoved: identity.grpc !== enrolled.grpc,
    clock,
    random,
    logger,
    report: () => statusReport(),
    onPolicy(policy) {
      first.resolve(policy);
      // The stream begins with the policy that holds, which is mostly the stored one.
      if (engine !== undefined && (held === undefined || !equals(PolicySchema, held, policy))) engine.change(stand(ceiling, policy));
      held = policy;
    },
    onTask(probe, { address, port }) {
      const taken = isProbeId(probe) && engine?.scheduler.ask(probe, address, port) === true;
      logger.info({ probe, address, port, taken }, "the centre asked for a look");
    },
  });
  const forwarder = createForwarder({
    outbox,
    open: natsBroker(() => session.identity),
    clock,
    random,
    agentVersion: AGENT_VERSION,
    bootId: boot,
    offset: () => session.offset.offset(),
    onApplied(applied) {
      if (engine !== undefined && (applied.epochRenewed || applied.needFacts.length > 0)) repeatFacts(engine, outbox, applied);
    },
    logger,
  });

  function counts() {
    return engine?.scheduler.counts() ?? { hosts: 0, endpoints: 0, due: 0, running: 0 };
  }

  function statusReport() {
    const size = outbox.size();
    const { hosts, endpoints, due } = counts();
    return {
      agentVersion: AGENT_VERSION,
      wallMs: clock.wall(),
      monotonicMs: clock.monotonic(),
      bootId: boot,
      epoch: outbox.epoch.id,
      outboxDepth: size.depth,
      outboxBytes: size.bytes,
      oldestUnreceiptedMs: size.oldestMs === undefined ? 0 : Math.max(0, Math.round(clock.wall() - size.oldestMs)),
      hostsKnown: hosts,
      endpointsKnown: endpoints,
      tasksDue: due,
      residentBytesKib: Math.round(process.memoryUsage.rss() / 1024),
    };
  }

  function putStatus(): void {
    const { hosts, endpoints, due } = counts();
    const offset = session.offset.offset();
    writeStatus(config.data, {
      pid: process.pid,
      version: AGENT_VERSION,
      startedMs,
      writtenMs: clock.wall(),
      connected: forwarder.connected,
      policyVersion: engine?.standing.version ?? 0,
      epoch: outbox.epoch.id,
      outbox: outbox.size(),
      hosts,
      endpoints,
      due,
      ...(offset === undefined ? {} : { offsetMs: offset.offsetMs }),
    });
  }

  const forwardEnds = new AbortController();
  // What is sent without an offset is put into the order of a wall clock that may be a day off.
  const measured = Promise.race([session.measured, clock.sleep(MEASURE_MS, forwardEnds.signal).catch(() => undefined)]);
  const forwarding = measured.then(() => forwarder.run(forwardEnds.signal));
  const talking = session.run(stop);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => ends.abort());
  const statusTimer = setInterval(() => {
    try {
      putStatus();
      memory.check();
    } catch (error) {
      failed.reject(error);
    }
  }, STATUS_FILE_MS);
  try {
    if (held === undefined) await unless(stop, first.promise);
    const policy = held;
    if (policy !== undefined) {
      engine = createEngine({
        standing: stand(ceiling, policy),
        outbox,
        probeLog,
        clock,
        random,
        logger,
        captures: config.wifi,
        maxSockets: config.limits.sockets,
        mayStart: memory.mayStart,
        boot: bootMark(boot),
        onAppended: forwarder.wake,
        ...(config.interfaces === undefined ? {} : { interfaces: config.interfaces }),
        ...(config.sourceAddress === undefined ? {} : { sourceAddress: config.sourceAddress }),
      });
      putStatus();
      await engine.run(stop);
    }
    if (ends.signal.aborted) await failed.promise;
    forwarder.hurry();
    await drained(outbox, clock, forwarder.connected);
  } finally {
    clearInterval(statusTimer);
    // A fault ends everything, too: an agent that only talks to the centre looks alive and sees nothing.
    ends.abort();
    forwardEnds.abort();
    await Promise.allSettled([forwarding, talking]);
    try {
      putStatus();
    } finally {
      outbox.close();
      probeLog.close();
    }
  }
}

async function unless<T>(signal: AbortSignal, promise: Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined;
  return Promise.race([
    promise,
    new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true })),
  ]);
}

async function drained(outbox: Outbox, clock: Clock, connected: boolean): Promise<void> {
  const until = clock.monotonic() + (connected ? DRAIN_MS : 0);
  while (outbox.size().depth > 0 && clock.monotonic() < until) await clock.sleep(DRAIN_STEP_MS, new AbortController().signal);
}
