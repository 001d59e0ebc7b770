/** Revocations as the broker must know them: from the documents into each tenant's account claim, at the start and at every change. */
import type { DocumentView } from "../document/view.ts";
import type { Keys } from "../keys/load.ts";
import type { Revocations } from "../keys/nats.ts";
import { NATS_TOKEN_MS } from "./nats-key.ts";
import type { Resolver } from "./types.ts";

/** What the account claim says. Revoked longer ago than a token lives: left out, it has none left. */
export function revocationsOf(view: DocumentView, tenant: string, now: number): Revocations {
  const list: Revocations = {};
  for (const { body } of view.list(tenant, "revocation")) {
    if (body.revokedAt < now - 2 * NATS_TOKEN_MS) continue;
    // A minute ahead: a token that was being issued meanwhile is void too, and nobody issues one for this key again.
    for (const key of body.natsUserKeys) list[key] = Math.ceil(body.revokedAt / 1_000) + 60;
  }
  return list;
}

export interface RevokerOptions {
  readonly keys: Pick<Keys, "nats">;
  readonly view: DocumentView;
  readonly resolver: Resolver;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
  readonly retryMs?: number;
}

/** Keeps the resolver's accounts as the documents say; tries again until the broker has taken it. */
export class Revoker {
  readonly #options: RevokerOptions;
  #turn: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void) | null = null;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(options: RevokerOptions) {
    this.#options = options;
  }

  /** Resolves when every tenant's account has been told once, or the attempt has been put off. */
  async start(): Promise<void> {
    const { view } = this.#options;
    this.#unsubscribe = view.subscribe(({ document }) => {
      if (document.kind === "revocation" || document.kind === "tenant") void this.tell(document.tenant);
    });
    await Promise.all(view.tenants().map((tenant) => this.tell(tenant)));
  }

  stop(): void {
    this.#unsubscribe?.();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** One at a time, so that an older list never overtakes a newer one. */
  tell(tenant: string): Promise<void> {
    this.#turn = this.#turn.then(() => this.#tell(tenant));
    return this.#turn;
  }

  async #tell(tenant: string): Promise<void> {
    const { keys, view, resolver, now, onFault, retryMs = 1_000 } = this.#options;
    if (tenant === "_") return;
    try {
      await keys.nats.ensureTenant(tenant);
      await resolver.update(await keys.nats.accountClaim(tenant, revocationsOf(view, tenant, now())));
    } catch (error) {
      onFault(error);
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.tell(tenant);
      }, retryMs);
      timer.unref();
      this.#timers.add(timer);
    }
  }
}
