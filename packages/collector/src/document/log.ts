/**
 * The one way in for decisions: a document is published with compare-and-set on its tenant's last, inserted, and only then confirmed.
 * Of two collectors that decide at once exactly one wins; the other decides again with what the first has done.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ChainError, type ChainedDocument, type Draft, follows, linkDocument, readDocument } from "./chain.ts";
import type { DocumentStore, DocumentStream } from "./types.ts";
import type { DocumentView } from "./view.ts";

/** Others were faster every time, or the log cannot be reached: nothing of ours was published. */
export class ContentionError extends Error {
  override readonly name = "ContentionError";
}

/** Broker or store did not answer. `published`: the decision may have been published and then takes effect by itself; look before deciding anew. */
export class LogUnavailableError extends Error {
  override readonly name = "LogUnavailableError";
  readonly published: boolean;

  constructor(published: boolean, cause: unknown) {
    super(published ? "the document log: the outcome is open" : "the document log cannot be reached", { cause });
    this.published = published;
  }
}

export interface DocumentLogOptions {
  readonly stream: DocumentStream;
  readonly store: DocumentStore;
  readonly view: DocumentView;
  /** ms since 1970 */
  readonly now: () => number;
  /** A fault of the chain or of the store met by the follower, which goes on trying. */
  readonly onFault: (error: unknown) => void;
  /** Time between looks into the store for what the stream did not bring, ms. */
  readonly pollMs?: number;
}

/** Sees what stands now and says what to add; null adds nothing. Runs again after a conflict, so it must not act. May throw. */
export type Decide = (view: DocumentView) => Draft | null;

const ATTEMPTS = 16;
const RETRY_MS = 250;
const RETRY_MAX_MS = 5_000;

export class DocumentLog {
  readonly view: DocumentView;
  readonly #options: DocumentLogOptions;
  /** One append at a time and tenant in this process: the rest would only lose against each other. */
  readonly #queue = new Map<string, Promise<unknown>>();
  readonly #end = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: DocumentLogOptions) {
    this.#options = options;
    this.view = options.view;
  }

  /** Reads every document from the store; then follows the log until `stop`. */
  async start(): Promise<void> {
    await this.refresh();
    this.#running = Promise.allSettled([this.#follow(), this.#poll()]);
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  /** Brings the view up to what the store holds. */
  async refresh(): Promise<void> {
    for (const [tenant, seq] of await this.#options.store.heads()) {
      if (seq > (this.view.head(tenant)?.seq ?? 0)) await this.#readStore(tenant);
    }
  }

  /**
   * Adds what `decide` says to the tenant's chain. Resolves when it is in the store and in the view; null where there was nothing to add.
   * @throws ContentionError, LogUnavailableError, ChainError, and what `decide` throws
   */
  async append(tenant: string, author: string, decide: Decide): Promise<ChainedDocument | null> {
    const before = this.#queue.get(tenant) ?? Promise.resolve();
    const turn = before.then(() => this.#append(tenant, author, decide));
    const quiet = turn.catch(() => undefined);
    this.#queue.set(tenant, quiet);
    try {
      return await turn;
    } finally {
      if (this.#queue.get(tenant) === quiet) this.#queue.delete(tenant);
    }
  }

  async #append(tenant: string, author: string, decide: Decide): Promise<ChainedDocument | null> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const expected = await reach(false, this.#catchUp(tenant));
      const draft = decide(this.view);
      if (draft === null) return null;
      const document = linkDocument(tenant, this.view.head(tenant), draft, author, this.#options.now());
      if (!(await reach(true, this.#options.stream.publish(tenant, document.encoded, expected)))) continue;
      await reach(true, this.#take(document));
      return document;
    }
    throw new ContentionError(`documents of ${tenant}: ${ATTEMPTS} attempts lost against other collectors`);
  }

  /** View = store + stream. Returns the stream's last sequence of the tenant. The stream is asked first: what it lost by then, the store has. */
  async #catchUp(tenant: string): Promise<number> {
    const last = await this.#options.stream.last(tenant);
    await this.#readStore(tenant);
    if (last === null) return 0;
    const newest = readDocument(last.encoded);
    if (newest.seq > (this.view.head(tenant)?.seq ?? 0)) {
      for await (const { encoded } of this.#options.stream.kept(tenant)) await this.#take(readDocument(encoded));
    }
    // What we link to must be the very document that the expectation names, or the chain would fork.
    if (follows(this.view.head(tenant), newest)) throw new ChainError("gap", tenant, newest.seq);
    return last.sequence;
  }

  async #readStore(tenant: string): Promise<void> {
    for (const document of await this.#options.store.after(tenant, this.view.head(tenant)?.seq ?? 0)) this.view.apply(document);
  }

  async #take(document: ChainedDocument): Promise<void> {
    if (document.seq <= (this.view.head(document.tenant)?.seq ?? 0)) return;
    await this.#options.store.insert([document]);
    this.view.apply(document);
  }

  async #follow(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await this.#options.stream.follow((encoded) => this.#heard(encoded), signal);
      } catch (error) {
        this.#options.onFault(error);
      }
      await pause(RETRY_MS, signal);
    }
  }

  /** Stays with one message until it is stored: going on would leave a gap. */
  async #heard(encoded: Uint8Array): Promise<void> {
    const { signal } = this.#end;
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(wait * 2, RETRY_MAX_MS)) {
      try {
        const document = readDocument(encoded);
        if (document.seq > (this.view.head(document.tenant)?.seq ?? 0) + 1) await this.#readStore(document.tenant);
        return await this.#take(document);
      } catch (error) {
        this.#options.onFault(error);
        if (error instanceof ChainError) return;
        await pause(wait, signal);
      }
    }
  }

  async #poll(): Promise<void> {
    const { signal } = this.#end;
    for (;;) {
      await pause(this.#options.pollMs ?? 30_000, signal);
      if (signal.aborted) return;
      await this.refresh().catch(this.#options.onFault);
    }
  }
}

async function reach<T>(published: boolean, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw cause instanceof ChainError ? cause : new LogUnavailableError(published, cause);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The only way sleep rejects is the abort, and that is an end, not a fault.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
