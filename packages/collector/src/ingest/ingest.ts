/**
 * Takes observations from the bus to the store, tenant by tenant: decode, check, insert, ack, receipt. Any number of collectors
 * may do so at once, in any order. It knows nothing of devices and verdicts.
 */
import type { NatsConnection } from "@nats-io/transport-node";
import type { BaseLogger } from "pino";
import type { AtStep } from "../step.ts";
import { errorCode } from "../store/away.ts";
import { isBadRow, type Store } from "../store/client.ts";
import { insertObservations } from "../store/observation.ts";
import type { PendingRow } from "../store/observation-row.ts";
import { AgentLedger } from "./agent-ledger.ts";
import { Inserter } from "./inserter.ts";
import { MessageHandler } from "./message.ts";
import { TenantConsumer } from "./tenant-consumer.ts";

export interface IngestMetrics {
  stored(tenant: string, rows: number): void;
  refused(tenant: string, observations: number): void;
  /** Code of ClickHouse, or null where it did not answer. */
  insertFailed(code: number | null): void;
  /** From the first attempt of an insert to its confirmation, ms. */
  insertConfirmed?(tookMs: number): void;
  receiptSent?(tenant: string): void;
}

export interface SiteName {
  readonly tenant: string;
  readonly site: string;
}

export interface IngestOptions {
  readonly store: Store;
  readonly logger: BaseLogger;
  readonly metrics?: IngestMetrics;
  /** After rows of these sites were stored: the wake-up for whoever derives them. */
  readonly onStored?: (sites: readonly SiteName[]) => void;
  /** ms since 1970; default Date.now. */
  readonly now?: () => number;
  readonly replicas?: number;
  readonly atStep?: AtStep;
}

const DRAIN_MS = 10_000;

function sitesOf(rows: readonly PendingRow[]): SiteName[] {
  const sites = new Map(rows.map(({ tenant, site }) => [`${tenant}/${site}`, { tenant, site }]));
  return [...sites.values()];
}

export class Ingest {
  readonly #inserter: Inserter;
  readonly #handler: MessageHandler;
  readonly #logger: BaseLogger;
  readonly #replicas: number;
  readonly #tenants = new Map<string, TenantConsumer>();

  constructor(o: IngestOptions) {
    const now = o.now ?? Date.now;
    this.#logger = o.logger;
    this.#replicas = o.replicas ?? 1;
    this.#inserter = new Inserter({
      now,
      sink: { insert: (rows, storedAt) => insertObservations(o.store, rows, storedAt), isBadRow },
      onStored: (rows) => {
        for (const [tenant, own] of Map.groupBy(rows, (row) => row.tenant)) o.metrics?.stored(tenant, own.length);
        o.onStored?.(sitesOf(rows));
      },
      onConfirmed: (tookMs) => o.metrics?.insertConfirmed?.(tookMs),
      onFailed: (error, waitMs) => {
        o.metrics?.insertFailed(errorCode(error));
        o.logger.warn({ err: error, code: errorCode(error), waitMs }, "observations could not be stored; trying again");
      },
    });
    this.#handler = new MessageHandler({
      store: o.store,
      inserter: this.#inserter,
      ledger: new AgentLedger(o.store, now),
      logger: o.logger,
      now,
      onRefused: (tenant, count) => o.metrics?.refused(tenant, count),
      ...(o.atStep && { atStep: o.atStep }),
      onReceipt: (tenant) => o.metrics?.receiptSent?.(tenant),
    });
  }

  /** Whether more waits to be stored than one insert takes. */
  get isBehind(): boolean {
    return this.#inserter.isBehind;
  }

  /** Starts on a tenant's account. The connection stays the caller's. @throws where the stream cannot be made */
  async addTenant(tenant: string, connection: NatsConnection): Promise<void> {
    if (this.#tenants.has(tenant)) return;
    const consumer = new TenantConsumer({
      tenant,
      connection,
      handler: this.#handler,
      logger: this.#logger,
      replicas: this.#replicas,
    });
    this.#tenants.set(tenant, consumer);
    try {
      await consumer.start();
    } catch (error) {
      this.#tenants.delete(tenant);
      throw error;
    }
  }

  async removeTenant(tenant: string): Promise<void> {
    const consumer = this.#tenants.get(tenant);
    this.#tenants.delete(tenant);
    await consumer?.stop(DRAIN_MS);
  }

  /** Takes no more messages, finishes those in hand within `drainMs`; what is left is delivered again to somebody else. */
  async stop(drainMs = DRAIN_MS): Promise<void> {
    const consumers = [...this.#tenants.values()];
    this.#tenants.clear();
    await Promise.all(consumers.map((consumer) => consumer.stop(drainMs)));
    await this.#inserter.close();
  }
}
