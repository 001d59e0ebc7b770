/** `vedette collector quarantine`: what was refused, for a person to look at, feed again, or drop. Needs ClickHouse alone. */
import type { BaseLogger } from "pino";
import type { CollectorConfig } from "../config.ts";
import { migrateStore, storeOptions } from "../foundation.ts";
import {
  deleteQuarantined,
  insertQuarantineDecision,
  type OpenQuarantine,
  openStore,
  QUARANTINE_ID,
  type Quarantined,
  readOpenQuarantine,
  readQuarantined,
} from "../store/index.ts";
import { type Decoded, decodeQuarantined } from "./decoded.ts";
import { QuarantineError } from "./quarantine-error.ts";
import { type Requeued, requeue } from "./requeue.ts";

export interface QuarantineDesk {
  /** Oldest first. */
  list(limit: number): Promise<readonly OpenQuarantine[]>;
  show(id: string): Promise<{ readonly entry: Quarantined; readonly decoded: Decoded }>;
  requeue(id: string, by: Author): Promise<Requeued>;
  /** Removes the message and keeps what it was, who dropped it and why. */
  drop(id: string, by: Author): Promise<Quarantined>;
  close(): Promise<void>;
}

export interface Author {
  readonly author: string;
  readonly why: string;
}

export interface DeskOptions {
  readonly logger: BaseLogger;
  /** Only this tenant's. */
  readonly tenant?: string;
  readonly now?: () => number;
}

/** @throws ConfigError (2), StoreUnreachableError (3); its methods QuarantineError */
export async function openQuarantine(config: CollectorConfig, o: DeskOptions): Promise<QuarantineDesk> {
  const now = o.now ?? Date.now;
  await migrateStore(config);
  const store = openStore(storeOptions(config));
  const find = async (id: string): Promise<Quarantined> => {
    if (!QUARANTINE_ID.test(id)) throw new QuarantineError(2, `${id}: is no id of a message in quarantine; list shows them`);
    const entry = await readQuarantined(store, id, o.tenant);
    if (entry === null) throw new QuarantineError(2, `${id}: no such message is in quarantine; list shows those that are`);
    return entry;
  };
  return {
    list: (limit) => readOpenQuarantine(store, { limit, ...(o.tenant === undefined ? {} : { tenant: o.tenant }) }),
    async show(id) {
      const entry = await find(id);
      return { entry, decoded: decodeQuarantined(entry) };
    },
    requeue: async (id, by) => requeue(await find(id), { store, logger: o.logger, now, ...by }),
    async drop(id, by) {
      const entry = await find(id);
      // First the record, then the removal: a drop that was cut short can be asked for again.
      await insertQuarantineDecision(store, entry, { action: "dropped", ...by, decidedAt: now() });
      await deleteQuarantined(store, entry);
      return entry;
    },
    close: () => store.close(),
  };
}
