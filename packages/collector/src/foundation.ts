/** What every role stands on: keys, store, bus, documents; opened in this order and closed in the other. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BaseLogger } from "pino";
import { BusError, busOf, type NatsConnection, openConnection } from "./bus/connection.ts";
import { untilLed } from "./bus/led.ts";
import { type CollectorConfig, ConfigError } from "./config.ts";
import { DocumentLog } from "./document/log.ts";
import { DocumentView } from "./document/view.ts";
import { type Keys, loadOrMakeKeys } from "./keys/load.ts";
import { documentStream } from "./log/document-stream.ts";
import { ensureEventStream } from "./log/event.ts";
import { type Bus, ensureLogStream } from "./log/stream.ts";
import { documentStore, errorCode, migrate, openStore, type Store, type StoreOptions } from "./store/index.ts";

/** An engine does not answer; the program ends with status 3. */
export class StoreUnreachableError extends Error {
  override readonly name = "StoreUnreachableError";
  readonly status = 3;
}

export interface Foundation {
  readonly config: CollectorConfig;
  readonly keys: Keys;
  readonly store: Store;
  readonly centre: NatsConnection;
  readonly bus: Bus;
  readonly documents: DocumentLog;
  /** A connection as a tenant's account, the same at every call. */
  tenant(tenant: string): Promise<NatsConnection>;
  /** As the system account. */
  system(): Promise<NatsConnection>;
  close(): Promise<void>;
}

export function storeOptions(config: CollectorConfig): StoreOptions {
  const { url, user, database, cluster, shards, passwordFile } = config.clickhouse;
  let password = "";
  if (passwordFile !== undefined) {
    try {
      password = readFileSync(passwordFile, "utf8").trim();
    } catch (cause) {
      throw new ConfigError(`clickhouse.passwordFile: ${passwordFile} cannot be read; give a file that holds the password`, { cause });
    }
  }
  return { url, user, password, database, ...(cluster === undefined ? {} : { cluster }), ...(shards === undefined ? {} : { shards }) };
}

/** The names of the migrations that were applied now. @throws StoreUnreachableError, MigrationError */
export async function migrateStore(config: CollectorConfig): Promise<readonly string[]> {
  try {
    const { applied } = await migrate({ ...storeOptions(config), observationTtlDays: config.observationDays });
    return applied;
  } catch (cause) {
    // A server that answers has a code: then the error says itself what is wrong.
    if (errorCode(cause) === 516)
      throw new StoreUnreachableError(
        `clickhouse: ${config.clickhouse.url} refuses user ${config.clickhouse.user}; correct user or passwordFile`,
        { cause },
      );
    if (errorCode(cause) !== null || (cause instanceof Error && cause.name === "MigrationError")) throw cause;
    const { url, user } = config.clickhouse;
    // A socket's fault has a code as text. Our own ClickHouse answers strangers with 404, so as to tell them nothing.
    const unreachable = cause instanceof Error && "code" in cause && typeof cause.code === "string";
    throw new StoreUnreachableError(
      unreachable
        ? `clickhouse.url: ${url} does not answer; start that ClickHouse or correct the url`
        : `clickhouse: ${url} refuses user ${user}, or is no ClickHouse; correct url, user or passwordFile`,
      { cause },
    );
  }
}

/** @throws ConfigError, KeyError, StoreUnreachableError, BusError */
export async function openFoundation(config: CollectorConfig, logger: BaseLogger, onReconnect?: () => void): Promise<Foundation> {
  await migrateStore(config);
  const store = openStore(storeOptions(config));
  const opened: (() => Promise<unknown>)[] = [() => store.close()];
  const close = async () => {
    for (const end of opened.toReversed()) await end();
    opened.length = 0;
  };
  try {
    const documentsStand = (await documentStore(store).heads()).size > 0;
    const keys = await loadOrMakeKeys(join(config.data, "keys"), { mayMake: !documentsStand, now: Date.now() });
    const connections = new Map<string, Promise<NatsConnection>>();
    const connection = (name: string, user: () => ReturnType<Keys["nats"]["centreUser"]>): Promise<NatsConnection> => {
      const known = connections.get(name);
      if (known !== undefined) return known;
      const opening = user().then((u) =>
        openConnection({
          url: config.nats.url,
          user: u,
          name: `collector ${name}`,
          logger,
          ...(onReconnect === undefined ? {} : { onReconnect }),
        }),
      );
      connections.set(name, opening);
      opening.then(
        (c) => opened.push(() => c.close()),
        () => connections.delete(name),
      );
      return opening;
    };
    const centre = await connection("centre", () => keys.nats.centreUser("collector"));
    const bus = await busOf(centre, config.nats.replicas);
    await untilLed(() => ensureLogStream(bus)).catch((cause: unknown) => {
      throw new BusError(`nats.url: ${config.nats.url} has no JetStream for this collector; enable it for account CENTRE`, { cause });
    });
    await untilLed(() => ensureEventStream(bus));
    const documents = new DocumentLog({
      stream: documentStream(bus),
      store: documentStore(store),
      view: new DocumentView(),
      now: Date.now,
      onFault: (error) => logger.warn({ err: error }, "the documents could not be followed; trying again"),
    });
    await documents.start();
    opened.push(() => documents.stop());
    return {
      config,
      keys,
      store,
      centre,
      bus,
      documents,
      tenant: (tenant) => connection(`tenant ${tenant}`, () => keys.nats.tenantUser(tenant, "collector")),
      system: () => connection("system", () => keys.nats.systemUser("collector")),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every site of every tenant, but for the platform's own. */
export function allSites({ documents }: Pick<Foundation, "documents">): { tenant: string; site: string }[] {
  const { view } = documents;
  return view.tenants().flatMap((tenant) => view.list(tenant, "site").map(({ id }) => ({ tenant, site: id })));
}
