/**
 * Hears multicast DNS on every interface in scope. What it hears is a part of what a host offers, so it is no look by itself: it asks for
 * mdns.browse of that host, and for looks at the services that were named.
 */
import type { ProbeId } from "@vedette/proto";
import { isRequestPath } from "../net/http.ts";
import { onSegment, type SiteInterface } from "../net/interfaces.ts";
import { MDNS, MDNS_V6 } from "../net/multicast.ts";
import { type CacheChange, type MdnsService, RecordCache } from "../probe/mdns/cache.ts";
import { recordsIn } from "../probe/mdns/probe.ts";
import { MAX_MESSAGE, type MdnsRecord } from "../probe/mdns/wire.ts";
import { Burst, type Discover, type DiscoverContext, type Emit, listening, type SignalReason, together } from "./discover.ts";

const ID = "mdns";
const BURST_MS = 1_000;
const MAX_SENDERS = 4_096;

/** Service types that a probe of ours can look at. */
const PROBES: Readonly<Record<string, ProbeId>> = {
  "_rtsp._tcp": "rtsp.describe",
  "_http._tcp": "http.root",
  "_axis-video._tcp": "http.root",
  "_https._tcp": "tls.handshake",
};

export const mdns: Discover = {
  id: ID,
  start: (cx, emit) => together(cx.door.interfaces.map((own) => listening(cx, ID, (signal) => listen(own, cx, emit, signal)))),
};

async function listen(own: SiteInterface, cx: DiscoverContext, emit: Emit, signal: AbortSignal): Promise<void> {
  const group = own.family === "IPv6" ? MDNS_V6 : MDNS;
  const dial = cx.door.forProbe(signal, { probe: "mdns.browse", target: group.address });
  try {
    const socket = await dial.udp({ interfaceAddress: own.address, group, maxDatagramBytes: MAX_MESSAGE });
    const ear = new MdnsEar(emit);
    for (let next = await socket.receive(); next; next = await socket.receive()) {
      const records = onSegment(own, next.address) ? recordsIn(next.bytes) : undefined;
      if (records) ear.hear(next.address, records, cx.clock.monotonic());
    }
  } finally {
    dial.close();
  }
}

export class MdnsEar {
  readonly #emit: Emit;
  readonly #caches = new Map<string, RecordCache>();
  readonly #signals = new Burst(BURST_MS);

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** @param now monotonic, ms */
  hear(address: string, records: readonly MdnsRecord[], now: number): void {
    const known = this.#caches.get(address);
    if (!known && this.#caches.size >= MAX_SENDERS) return;
    const cache = known ?? new RecordCache();
    this.#caches.set(address, cache);
    const withdrawn = records.some((r) => r.ttlS === 0);
    const changes = cache.add(records, now);
    for (const { kind, service } of changes) if (kind !== "gone") this.#target(address, service, cache);
    const reason = reasonOf(changes, withdrawn);
    if (!reason || !this.#signals.first(`${address} ${reason}`, now)) return;
    this.#emit({ kind: "target", source: ID, probe: "mdns.browse", target: { address, port: MDNS.port } });
    this.#emit({ kind: "signal", source: ID, address, reason });
  }

  #target(address: string, service: MdnsService, cache: RecordCache): void {
    const probe = PROBES[service.type];
    // A proxy announces for others: their address is not in what we heard of it.
    if (!probe || service.port === 0 || !cache.isOwn(service.target, address)) return;
    const told = service.txt.find((t) => t.startsWith("path="))?.slice(5) ?? "";
    // Many write it without its first slash.
    const path = told.startsWith("/") ? told : `/${told}`;
    const hints = probe === "rtsp.describe" && told !== "" && isRequestPath(path) ? { hints: { rtspPaths: path } } : {};
    this.#emit({ kind: "target", source: ID, probe, target: { address, port: service.port, ...hints } });
  }
}

/** A record that only ran out says nothing: devices announce at their start and are silent from then on. */
function reasonOf(changes: readonly CacheChange[], withdrawn: boolean): SignalReason | undefined {
  // Also of what we have not heard announced: it may have been announced before we listened.
  if (withdrawn) return "goodbye";
  if (changes.some((c) => c.kind === "changed")) return "changed";
  return changes.some((c) => c.kind === "appeared") ? "appeared" : undefined;
}
