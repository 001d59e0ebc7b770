/** Hears NOTIFY on every IPv4 and IPv6 interface in scope. Searching is the schedule's, with the probe ssdp.search. */
import type { SiteInterface } from "../net/interfaces.ts";
import { onSegment } from "../net/interfaces.ts";
import { SSDP, SSDP_V6 } from "../net/multicast.ts";
import { foundBy, MAX_NOTICE_BYTES, noticeIn } from "../probe/ssdp/notify.ts";
import { locationAt, type Notice } from "../probe/ssdp/wire.ts";
import { Burst, type Discover, type DiscoverContext, type Emit, listening, type SignalReason, together } from "./discover.ts";

const ID = "ssdp";
/** One signal per host and reason, however many services repeat it. */
const BURST_MS = 1_000;
/** The same announcement is a fact again after this long: it confirms the last. */
const REPEAT_MS = 60_000;
const MAX_KNOWN = 4_096;

export const ssdp: Discover = {
  id: ID,
  start: (cx, emit) => together(cx.door.interfaces.map((own) => listening(cx, ID, (signal) => listen(own, cx, emit, signal)))),
};

async function listen(own: SiteInterface, cx: DiscoverContext, emit: Emit, signal: AbortSignal): Promise<void> {
  const group = own.family === "IPv6" ? SSDP_V6 : SSDP;
  const dial = cx.door.forProbe(signal, { probe: "ssdp.notify", target: group.address });
  try {
    const socket = await dial.udp({ interfaceAddress: own.address, group, maxDatagramBytes: MAX_NOTICE_BYTES });
    const ear = new Ear(emit, own.name);
    for (let next = await socket.receive(); next; next = await socket.receive()) {
      const notice = onSegment(own, next.address) ? noticeIn(next.bytes) : undefined;
      if (notice) ear.hear(next.address, notice, next.bytes, cx.clock.monotonic());
    }
  } finally {
    dial.close();
  }
}

interface Known {
  readonly location: string;
  readonly bootId: number | undefined;
}

/** What is known of each device by its own announcements, and what is new in the next. */
export class Ear {
  readonly #emit: Emit;
  readonly #via: string;
  /** By address and UDN; a device that said goodbye is forgotten. */
  readonly #known = new Map<string, Known>();
  readonly #signals = new Burst(BURST_MS);
  readonly #facts = new Burst(REPEAT_MS);
  readonly #goodbyes = new Burst(REPEAT_MS);

  constructor(emit: Emit, via: string) {
    this.#emit = emit;
    this.#via = via;
  }

  /** @param now monotonic, ms */
  hear(address: string, notice: Notice, bytes: Uint8Array, now: number): void {
    const device = `${address} ${notice.usn.split("::", 1)[0] ?? ""}`;
    const reason = this.#reasonOf(device, notice, now);
    const words = [address, notice.kind, notice.usn, notice.location, notice.bootId].join(" ");
    if (this.#facts.first(words, now) || reason) {
      this.#emit({ kind: "observation", probe: "ssdp.notify", via: this.#via, found: foundBy(address, notice, bytes) });
    }
    if (!reason) return;
    const at = notice.kind === "ssdp:byebye" ? undefined : locationAt(notice.location, address);
    if (at) {
      const target = { address, port: at.port, hints: { path: at.path } };
      this.#emit({ kind: "target", source: ID, probe: "upnp.description", target });
    }
    if (this.#signals.first(`${address} ${reason}`, now)) this.#emit({ kind: "signal", source: ID, address, reason });
  }

  #reasonOf(device: string, notice: Notice, now: number): SignalReason | undefined {
    const before = this.#known.get(device);
    if (notice.kind === "ssdp:byebye") {
      // Also of what we have not heard announced: it may have announced itself before we listened. Each says it once per service.
      const first = this.#goodbyes.first(device, now);
      return this.#known.delete(device) || first ? "goodbye" : undefined;
    }
    const bootId = notice.kind === "ssdp:update" ? (notice.nextBootId ?? notice.bootId) : notice.bootId;
    if (!before && this.#known.size >= MAX_KNOWN) return undefined;
    this.#known.set(device, { location: notice.location, bootId });
    if (!before) return "appeared";
    return before.location !== notice.location || before.bootId !== bootId ? "changed" : undefined;
  }
}
