/** Sessions of this collector, in memory: a restart asks people to sign in again. The cookie holds a random id, the map its hash. */
import { newSecret } from "../../document/id.ts";
import { secretHash } from "../../document/seal.ts";

export interface Session {
  readonly tenant: string;
  readonly user: string;
  /** ms since 1970 */
  readonly startedAt: number;
}

const IDLE_MS = 2 * 3_600_000;
const LONGEST_MS = 12 * 3_600_000;
const MOST = 10_000;

export class Sessions {
  readonly #now: () => number;
  readonly #sessions = new Map<string, { readonly session: Session; lastAt: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The text for the cookie. */
  start(tenant: string, user: string): string {
    const id = newSecret();
    const at = this.#now();
    const oldest = this.#sessions.size >= MOST ? this.#sessions.keys().next().value : undefined;
    if (oldest !== undefined) this.#sessions.delete(oldest);
    this.#sessions.set(secretHash(id), { session: { tenant, user, startedAt: at }, lastAt: at });
    return id;
  }

  get(id: string): Session | null {
    const key = secretHash(id);
    const kept = this.#sessions.get(key);
    if (kept === undefined) return null;
    const now = this.#now();
    if (now - kept.lastAt > IDLE_MS || now - kept.session.startedAt > LONGEST_MS) {
      this.#sessions.delete(key);
      return null;
    }
    kept.lastAt = now;
    return kept.session;
  }

  end(id: string): void {
    this.#sessions.delete(secretHash(id));
  }
}
