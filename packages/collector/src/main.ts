/** The collector: one program, roles by config. Composed, started, drained, stopped. */
import { hintSubject } from "@vedette/proto";
import type { Logger } from "pino";
import { type ApiServer, startApi } from "./api/server.ts";
import { bucketOf } from "./bucket/number.ts";
import { Roll } from "./bucket/roll.ts";
import { DeriveWorker } from "./bucket/worker.ts";
import { untilLed } from "./bus/led.ts";
import type { CollectorConfig, Role } from "./config.ts";
import { createControlContext } from "./control/context.ts";
import { defaultPolicy } from "./control/policy.ts";
import { Revoker } from "./control/revoke.ts";
import { ControlServer } from "./control/server.ts";
import { changesDecisions, decisionsOf } from "./document/decisions.ts";
import { allSites, type Foundation, openFoundation } from "./foundation.ts";
import { Ingest } from "./ingest/index.ts";
import type { Changeset } from "./log/changeset.ts";
import { publishEvents } from "./log/event.ts";
import { sayAlive, sayLeaving } from "./log/member.ts";
import { natsResolver } from "./log/resolver.ts";
import { createMetrics, type Metrics, type StoreLook } from "./metrics.ts";
import { bootstrap, localEnrolment } from "./service/bootstrap.ts";
import { Lockout } from "./service/session/lockout.ts";
import { Sessions } from "./service/session/sessions.ts";
import type { ServiceContext } from "./service/verb.ts";
import type { AtStep } from "./step.ts";
import { countGivenUp, countOpenQuarantine, readTouchedSites } from "./store/index.ts";

export interface CollectorReady {
  readonly httpPort: number | null;
  readonly grpcPort: number | null;
  /** The local API token; null where the config has no first start. */
  readonly apiToken: string | null;
  /** Enrols the local agent; null where the site has an agent. */
  readonly agentToken: string | null;
}

export interface RunCollectorOptions {
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onReady: (ready: CollectorReady) => void;
  readonly atStep?: AtStep;
}

/** A collector says four times in the time after which it is missed that it lives. */
const BEAT_MS_PER_SECOND = 250;
/** Readers are told of at most this often per bucket, ms. */
const READ_HINT_MS = 3_000;

/** @throws ConfigError (2), KeyError, StoreUnreachableError, BusError, ControlListenError, ApiListenError (3) */
export async function runCollector(config: CollectorConfig, o: RunCollectorOptions): Promise<void> {
  const { logger, signal } = o;
  const has = (role: Role) => config.roles.includes(role);
  const metrics = createMetrics();
  const foundation = await openFoundation(config, logger, () => metrics.reconnected());
  const { keys, documents, store, centre } = foundation;
  const stops: (() => unknown)[] = [];
  try {
    const control = createControlContext({
      keys,
      log: documents,
      now: Date.now,
      natsUrls: config.nats.agentUrls ?? [config.nats.url],
      onAgent: ({ identity, online }) => logger.info({ ...identity, online }, online ? "an agent is online" : "an agent is silent"),
    });
    metrics.watchAgents(() => control.presence.all());
    metrics.watchStore(storeLook(foundation, logger));
    const services: ServiceContext = {
      keys,
      log: documents,
      now: Date.now,
      grpc: `${config.grpc.names[0] ?? config.grpc.host}:${config.grpc.port}`,
      tasks: control.tasks,
      presence: control.presence,
    };
    const revoker = new Revoker({
      keys,
      view: documents.view,
      resolver: natsResolver(await foundation.system()),
      now: Date.now,
      onFault: (error) => logger.warn({ err: error }, "the broker could not be told of an account; trying again"),
    });
    await revoker.start();
    stops.push(() => revoker.stop());
    const first = await firstStart(config, services);

    const hint = (bucket: number, what: "stored" | "read") => centre.publish(hintSubject(bucket), what);
    let live: ApiServer["live"] | null = null;
    let deriving: Deriving | null = null;
    let ingest: Ingest | null = null;
    if (has("derive")) {
      const started = await startWorker(foundation, metrics, o, {
        onApplied: () => live?.wake(),
        isBehind: () => ingest?.isBehind === true,
      });
      deriving = started;
      stops.push(() => started.roll.stop());
      stops.push(() => started.worker.stop());
    }
    if (has("ingest")) {
      const started = await startIngest(foundation, metrics, o, (bucket) => hint(bucket, "stored"));
      ingest = started;
      stops.push(() => started.stop());
    }
    let grpcPort: number | null = null;
    if (has("control")) {
      control.presence.start();
      const server = await ControlServer.start({
        cx: control,
        host: config.grpc.host,
        port: config.grpc.port,
        names: [config.grpc.host, "localhost", ...config.grpc.names],
        onFault: (error) => logger.error({ err: error }, "a call of an agent failed"),
      });
      grpcPort = server.port;
      stops.push(() => control.presence.stop());
      stops.push(() => server.stop());
    }
    let httpPort: number | null = null;
    if (has("api")) {
      const readAt = new Map<number, number>();
      const api = await startApi(
        {
          store,
          services,
          signIn: { keys, log: documents, now: Date.now, sessions: new Sessions(Date.now), lockout: new Lockout(Date.now) },
          buckets: config.buckets,
          onRead(tenant, site) {
            const bucket = bucketOf(tenant, site, config.buckets);
            if (Date.now() - (readAt.get(bucket) ?? 0) < READ_HINT_MS) return;
            readAt.set(bucket, Date.now());
            hint(bucket, "read");
          },
          logger,
          metrics: () => metrics.text(),
          notReady: () => notReady(foundation, deriving),
        },
        { ...config.http, console: config.console },
      );
      live = api.live;
      // Events of every replica reach every replica; a lost one costs the feed's own look.
      const events = centre.subscribe("evt.v1.>", { callback: () => api.live.wake() });
      httpPort = api.port;
      stops.push(() => events.unsubscribe());
      stops.push(() => api.stop());
    }
    o.onReady({ httpPort, grpcPort, ...first });
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    logger.info("stopping");
  } finally {
    for (const stop of stops.toReversed()) await stop();
    await foundation.close();
  }
}

async function firstStart(config: CollectorConfig, services: ServiceContext): Promise<Pick<CollectorReady, "apiToken" | "agentToken">> {
  const { firstStart: first } = config;
  if (first === undefined) return { apiToken: null, agentToken: null };
  const made = await bootstrap(services, {
    tenant: { id: first.tenant, name: first.tenantName ?? first.tenant },
    site: { id: first.site, name: first.siteName ?? first.site },
    policy: { ...defaultPolicy(), ...stated(first.policy ?? {}) },
    policyFollows: first.policy !== undefined,
    profiles: (first.profiles ?? []).map(({ match, ...profile }) => ({ ...stated(profile), site: first.site, match: stated(match) })),
  });
  const enrolled = services.log.view.list(first.tenant, "agent").some(({ body }) => body.site === first.site);
  const agentToken = enrolled ? null : (await localEnrolment(services, first.tenant, first.site)).token;
  return { apiToken: made.apiToken, agentToken };
}

/** Without the fields that were left out. */
function stated<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

interface Deriving {
  readonly worker: DeriveWorker;
  readonly roll: Roll;
}

/** The roll first: a process derives what is its share of those that live. */
async function startWorker(
  foundation: Foundation,
  metrics: Metrics,
  { logger, atStep }: RunCollectorOptions,
  { onApplied, isBehind }: { readonly onApplied: () => void; readonly isBehind: () => boolean },
): Promise<Deriving> {
  const { config, documents, store, bus, centre } = foundation;
  const roll: Roll = new Roll({
    buckets: config.buckets,
    logger,
    beatMs: config.missedAfterSeconds * BEAT_MS_PER_SECOND,
    alive: (member) => sayAlive(bus, member, config.missedAfterSeconds),
    leave: (member) => sayLeaving(bus, member),
    onChange: () => worker.wake(),
  });
  const worker: DeriveWorker = new DeriveWorker({
    store,
    bus,
    logger,
    buckets: config.buckets,
    holds: (bucket) => roll.holds(bucket),
    ...(atStep && { atStep }),
    sites: () => allSites(foundation),
    decisions: ({ tenant, site }) => decisionsOf(documents.view, tenant, site),
    onApplied(changeset: Changeset) {
      onApplied();
      publishEvents(bus, changeset).catch((error: unknown) =>
        logger.warn({ err: error }, "events could not be published on the bus; the live feed has them all the same"),
      );
    },
    metrics: metrics.worker,
    isBehind,
    sweepMs: config.sweepSeconds * 1000,
  });
  metrics.watch(() => worker);
  documents.view.subscribe(({ document }) => {
    if (!changesDecisions(document.kind)) return;
    for (const ref of allSites(foundation)) if (ref.tenant === document.tenant) worker.decided(ref);
  });
  centre.subscribe("hint.v1.*", {
    callback: (_error, message) => {
      const bucket = Number(message.subject.split(".")[2]);
      if (message.string() === "read") worker.noteRead(bucket);
      worker.wake();
    },
  });
  await untilLed(() => roll.start());
  worker.start();
  return { worker, roll };
}

/** One consumer per tenant's account; tenants that come later are taken in when their document does. */
async function startIngest(
  foundation: Foundation,
  metrics: Metrics,
  { logger, atStep }: RunCollectorOptions,
  hint: (bucket: number) => void,
): Promise<Ingest> {
  const { config, documents, store } = foundation;
  const ingest = new Ingest({
    store,
    logger,
    metrics: metrics.ingest,
    replicas: config.nats.replicas,
    ...(atStep && { atStep }),
    onStored: (sites) => {
      for (const bucket of new Set(sites.map(({ tenant, site }) => bucketOf(tenant, site, config.buckets)))) hint(bucket);
    },
  });
  const add = async (tenant: string) => ingest.addTenant(tenant, await foundation.tenant(tenant));
  const tenants = () => documents.view.tenants().filter((tenant) => tenant !== "_");
  for (const tenant of tenants()) await untilLed(() => add(tenant));
  documents.view.subscribe(({ document }) => {
    if (document.kind !== "tenant" || document.tenant === "_") return;
    add(document.tenant).catch((error: unknown) =>
      logger.error({ err: error, tenant: document.tenant }, "a new tenant's observations cannot be taken yet"),
    );
  });
  return ingest;
}

/** How often at most the store is asked for metrics, and how far back it is looked for new input, ms. */
const LOOK_EVERY_MS = 5_000;
const LOOK_BACK_MS = 60 * 60_000;
/** What agents gave up is told for this long, ms. */
const GAPS_BACK_MS = 24 * 60 * 60_000;

/** What the store says of itself; the last answer while it is fresh, null where there is none. */
function storeLook({ config, store }: Foundation, logger: Logger): () => Promise<StoreLook | null> {
  let last: { readonly at: number; readonly look: Promise<StoreLook | null> } | null = null;
  const ask = async (): Promise<StoreLook> => {
    const [open, sites, givenUp] = await Promise.all([
      countOpenQuarantine(store),
      readTouchedSites(store, Date.now() - LOOK_BACK_MS),
      countGivenUp(store, Date.now() - GAPS_BACK_MS),
    ]);
    const storedThrough = new Map<number, number>();
    for (const { tenant, site, storedThrough: at } of sites) {
      const bucket = bucketOf(tenant, site, config.buckets);
      storedThrough.set(bucket, Math.max(at, storedThrough.get(bucket) ?? 0));
    }
    return { quarantined: open, storedThrough, givenUp };
  };
  return () => {
    if (last === null || Date.now() - last.at > LOOK_EVERY_MS) {
      const look = ask().catch((error: unknown) => {
        logger.warn({ err: error }, "the store cannot be asked for metrics");
        return null;
      });
      last = { at: Date.now(), look };
    }
    return last.look;
  };
}

/** How long an engine may take to say that it is there, ms. */
const READY_ANSWER_MS = 2_000;

async function notReady({ store, centre }: Foundation, deriving: Deriving | null): Promise<string[]> {
  const answers = async (ask: () => Promise<unknown>) => {
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, READY_ANSWER_MS, false).unref());
    return Promise.race([
      late,
      ask().then(
        (answer) => answer !== false,
        () => false,
      ),
    ]);
  };
  const waiting: string[] = [];
  if (!(await answers(() => store.ready()))) waiting.push("clickhouse");
  // While it reconnects, a flush waits for the broker. One whose disk is full answers, and takes nothing.
  if (centre.isClosed() || deriving?.roll.isHeard === false || !(await answers(() => centre.flush()))) waiting.push("nats");
  if (deriving?.worker.ready === false) waiting.push("buckets");
  return waiting;
}
