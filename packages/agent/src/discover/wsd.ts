/**
 * Hears WS-Discovery Hello and Bye on every interface in scope. What a Hello says is a part of what a host offers, so it is no look by itself: it asks for
 * wsd.probe.
 */
import type { SiteInterface } from "../net/interfaces.ts";
import { onSegment } from "../net/interfaces.ts";
import { WSD, WSD_V6 } from "../net/multicast.ts";
import { MAX_MESSAGE, messageIn } from "../probe/wsd/probe.ts";
import type { WsdMessage, WsdTarget } from "../probe/wsd/wire.ts";
import { Burst, type Discover, type DiscoverContext, type Emit, listening, type SignalReason, together } from "./discover.ts";

const ID = "wsd";
/** One signal per host and reason, however many targets it has. */
const BURST_MS = 1_000;
/** A Bye is sent more than once, and again by who left before we listened. */
const GOODBYE_MS = 60_000;
const MAX_KNOWN = 4_096;

export const wsd: Discover = {
  id: ID,
  start: (cx, emit) => together(cx.door.interfaces.map((own) => listening(cx, ID, (signal) => listen(own, cx, emit, signal)))),
};

async function listen(own: SiteInterface, cx: DiscoverContext, emit: Emit, signal: AbortSignal): Promise<void> {
  const group = own.family === "IPv6" ? WSD_V6 : WSD;
  const dial = cx.door.forProbe(signal, { probe: "wsd.probe", target: group.address });
  try {
    const socket = await dial.udp({ interfaceAddress: own.address, group, maxDatagramBytes: MAX_MESSAGE });
    const ear = new WsdEar(emit);
    for (let next = await socket.receive(); next; next = await socket.receive()) {
      const message = onSegment(own, next.address) ? messageIn(next.bytes) : undefined;
      if (message) ear.hear(next.address, message, cx.clock.monotonic());
    }
  } finally {
    dial.close();
  }
}

/** What is known of each target by its own announcements, and what is new in the next. */
export class WsdEar {
  readonly #emit: Emit;
  /** What a target said last, by sender and endpoint; one that said Bye is forgotten. */
  readonly #known = new Map<string, string>();
  readonly #signals = new Burst(BURST_MS);
  readonly #goodbyes = new Burst(GOODBYE_MS);

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** @param now monotonic, ms */
  hear(address: string, message: WsdMessage, now: number): void {
    for (const target of message.targets) {
      const reason = this.#reasonOf(address, message, target, now);
      if (!reason || !this.#signals.first(`${address} ${reason}`, now)) continue;
      if (reason !== "goodbye") this.#emit({ kind: "target", source: ID, probe: "wsd.probe", target: { address, port: WSD.port } });
      this.#emit({ kind: "signal", source: ID, address, reason });
    }
  }

  #reasonOf(
    address: string,
    { kind, instanceId }: WsdMessage,
    { endpoint, xAddrs, metadataVersion }: WsdTarget,
    now: number,
  ): SignalReason | undefined {
    const key = `${address} ${endpoint}`;
    const before = this.#known.get(key);
    if (kind === "bye") {
      const first = this.#goodbyes.first(key, now);
      return this.#known.delete(key) || first ? "goodbye" : undefined;
    }
    // Answers to searches of others come by unicast; in the group they are nobody's announcement.
    if (kind !== "hello" || (before === undefined && this.#known.size >= MAX_KNOWN)) return undefined;
    const words = [instanceId, metadataVersion, ...xAddrs].join(" ");
    this.#known.set(key, words);
    if (before === undefined) return "appeared";
    return before === words ? undefined : "changed";
  }
}
