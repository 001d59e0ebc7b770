/** How each agent fares, as it says itself: in memory only, since an agent tells again within a minute. */
import type { AgentIdentity } from "../keys/authority.ts";

export interface AgentReport {
  readonly agentVersion: string;
  readonly epoch: string;
  readonly outboxDepth: number;
  readonly outboxBytes: number;
  readonly oldestUnreceiptedMs: number;
  readonly policyVersion: number;
  readonly hostsKnown: number;
  readonly endpointsKnown: number;
  readonly tasksDue: number;
  readonly residentKib: number;
  /** Wall clock of the agent minus ours when the report came, ms: the way here is in it. */
  readonly clockOffsetMs: number;
}

export interface AgentState {
  readonly identity: AgentIdentity;
  readonly online: boolean;
  /** ms since 1970 */
  readonly since: number;
  readonly lastHeardAt: number;
  readonly report: AgentReport | null;
}

export interface PresenceOptions {
  readonly now: () => number;
  /** Silence after which an agent counts as offline, ms. */
  readonly silenceMs: number;
  /** Called on each change between online and offline, and once when an agent is first heard. Must not throw. */
  readonly onChange: (state: AgentState) => void;
}

/** Three status reports missed. */
export const SILENCE_MS = 45_000;

export class Presence {
  readonly #options: PresenceOptions;
  readonly #states = new Map<string, AgentState>();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.sweep(), Math.min(5_000, this.#options.silenceMs / 2));
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  heard(identity: AgentIdentity, report: AgentReport | null = null): void {
    const at = this.#options.now();
    const before = this.#states.get(key(identity));
    const online = before?.online ?? false;
    const state = {
      identity,
      online: true,
      since: online ? (before?.since ?? at) : at,
      lastHeardAt: at,
      report: report ?? before?.report ?? null,
    };
    this.#states.set(key(identity), state);
    if (!online) this.#options.onChange(state);
  }

  /** An agent that was revoked is gone, whatever it still says. */
  gone(identity: AgentIdentity): void {
    const before = this.#states.get(key(identity));
    if (before?.online) this.#offline(before);
  }

  sweep(): void {
    const limit = this.#options.now() - this.#options.silenceMs;
    for (const state of this.#states.values()) if (state.online && state.lastHeardAt < limit) this.#offline(state);
  }

  /** Every agent heard since the start. */
  all(): readonly AgentState[] {
    return [...this.#states.values()];
  }

  get(identity: AgentIdentity): AgentState | null {
    return this.#states.get(key(identity)) ?? null;
  }

  #offline(before: AgentState): void {
    const state = { ...before, online: false, since: this.#options.now() };
    this.#states.set(key(before.identity), state);
    this.#options.onChange(state);
  }
}

function key(identity: AgentIdentity): string {
  return `${identity.tenant}/${identity.site}/${identity.agent}`;
}
