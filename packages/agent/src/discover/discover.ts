/**
 * What hears hosts announce themselves and change. A source runs until it is stopped; it sends nothing, stores nothing and judges nothing.
 * Searching is the schedule's, with probes.
 */
import type { ProbeId } from "@vedette/proto";
import type { Door } from "../net/door.ts";
import type { Clock, Found, Target } from "../probe/probe.ts";

export interface DiscoverContext {
  /** Its interfaces are the ones listened on. */
  readonly door: Door;
  readonly clock: Clock;
  /** Faults of a source that it lives on with: a socket that could not be opened, an interface that went away. */
  note(step: string, detail: Readonly<Record<string, unknown>>): void;
}

export type SignalReason =
  /** SSDP byebye, mDNS goodbye, WS-Discovery Bye. */
  | "goodbye"
  /** Another LOCATION, BOOTID, SRV, TXT, XAddr or InstanceId than before; ssdp:update. */
  | "changed"
  /** Announced for the first time, or again after a goodbye. */
  | "appeared";

export type Discovered =
  /** Something to look at. `probe` is what fits it; the address has announced it or answered there. */
  | { readonly kind: "target"; readonly source: string; readonly probe: ProbeId; readonly target: Target }
  /** A fact in itself, to be recorded as that probe's look at the host. `via`: name of the interface. */
  | { readonly kind: "observation"; readonly probe: "ssdp.notify"; readonly via: string; readonly found: Found<"ssdp.notify"> }
  /** The host changed by its own word: look again at once. Spoofable, so it asks for a look and proves nothing. */
  | { readonly kind: "signal"; readonly source: string; readonly address: string; readonly reason: SignalReason };

export type Emit = (event: Discovered) => void;

export interface Running {
  /** Resolves when every socket is closed; nothing is emitted afterwards. */
  stop(): Promise<void>;
}

export interface Discover {
  readonly id: string;
  start(cx: DiscoverContext, emit: Emit): Running;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Runs `listen` again and again until stopped; it returns or throws when its socket is gone. Pauses grow while it fails at once. */
export function listening(cx: DiscoverContext, source: string, listen: (signal: AbortSignal) => Promise<void>): Running {
  const stopping = new AbortController();
  const done = (async () => {
    for (let pauseMs = FIRST_PAUSE_MS; !stopping.signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const startedAt = cx.clock.monotonic();
      try {
        await listen(stopping.signal);
      } catch (error) {
        if (!stopping.signal.aborted) cx.note(`${source}: listening ended`, { error });
      }
      if (cx.clock.monotonic() - startedAt > LONGEST_PAUSE_MS) pauseMs = FIRST_PAUSE_MS;
      await cx.clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

export function together(running: readonly Running[]): Running {
  return {
    async stop() {
      await Promise.all(running.map((r) => r.stop()));
    },
  };
}

/** Lets one of a burst through: SSDP says everything once per service type. */
export class Burst {
  readonly #last = new Map<string, number>();
  readonly #quietMs: number;

  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  first(key: string, now: number): boolean {
    const last = this.#last.get(key);
    if (last !== undefined && now - last < this.#quietMs) return false;
    if (this.#last.size >= 4096) this.#last.clear();
    this.#last.set(key, now);
    return true;
  }
}
