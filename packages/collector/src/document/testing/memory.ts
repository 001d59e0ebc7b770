/** A stream and a store in memory with the same contract as NATS and ClickHouse; test/e2e/control.test.ts runs the real ones. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainedDocument } from "../chain.ts";
import { DocumentLog } from "../log.ts";
import type { DocumentStore, DocumentStream, StreamedDocument } from "../types.ts";
import { DocumentView } from "../view.ts";

/** `lose` deletes its store. */
export class MemoryStream implements DocumentStream {
  messages: { tenant: string; sequence: number; encoded: Uint8Array }[] = [];
  #sequence = 0;
  readonly #wake = new Set<() => void>();

  lose(): void {
    this.messages = [];
    this.#sequence = 0;
  }
  async last(tenant: string): Promise<StreamedDocument | null> {
    await sleep(Math.random());
    return this.messages.findLast((m) => m.tenant === tenant) ?? null;
  }
  async *kept(tenant: string): AsyncIterable<StreamedDocument> {
    yield* this.messages.filter((m) => m.tenant === tenant);
  }
  async publish(tenant: string, encoded: Uint8Array, expected: number): Promise<boolean> {
    await sleep(Math.random());
    const last = this.messages.findLast((m) => m.tenant === tenant)?.sequence ?? 0;
    if (last !== expected) return false;
    this.#sequence += 1;
    this.messages.push({ tenant, encoded, sequence: this.#sequence });
    for (const wake of this.#wake) wake();
    return true;
  }
  async follow(handle: (encoded: Uint8Array) => Promise<void>, signal: AbortSignal): Promise<void> {
    for (let next = 0; !signal.aborted; ) {
      const message = this.messages[next];
      if (message !== undefined) {
        next += 1;
        await handle(message.encoded);
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
}

/** `failing`: that many inserts fail. */
export class MemoryStore implements DocumentStore {
  readonly rows = new Map<string, ChainedDocument>();
  failing = 0;

  async insert(documents: readonly ChainedDocument[]): Promise<void> {
    await sleep(Math.random());
    if (this.failing > 0) {
      this.failing -= 1;
      throw new Error("store is away");
    }
    for (const d of documents) this.rows.set(`${d.tenant}/${d.seq}/${d.hash}`, d);
  }
  async after(tenant: string, after: number): Promise<readonly ChainedDocument[]> {
    return [...this.rows.values()].filter((d) => d.tenant === tenant && d.seq > after).sort((a, b) => a.seq - b.seq);
  }
  async heads(): Promise<ReadonlyMap<string, number>> {
    const heads = new Map<string, number>();
    for (const d of this.rows.values()) heads.set(d.tenant, Math.max(heads.get(d.tenant) ?? 0, d.seq));
    return heads;
  }
}

/** A log of its own; stop it in the end. */
export async function memoryLog(now: () => number): Promise<DocumentLog> {
  const log = new DocumentLog({
    stream: new MemoryStream(),
    store: new MemoryStore(),
    view: new DocumentView(),
    now,
    onFault: (error) => {
      throw error;
    },
  });
  await log.start();
  return log;
}
