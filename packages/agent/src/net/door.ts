/**
 * The one door out: scope, then budget, then the log, then the socket. One `ProbeDial` serves one run of one probe; closing it closes
 * every socket that the probe left open and writes what was spent.
 */
import { setMaxListeners } from "node:events";

import { fault } from "../classify.ts";
import type { Clock } from "../probe/probe.ts";
import type { Budget, Lane, Release } from "./budget.ts";
import { openDatagrams } from "./datagram-socket.ts";
import { type DatagramOptions, type DatagramSocket, type Dial, DialError, type Stream, type StreamOptions } from "./dial.ts";
import type { SiteInterface } from "./interfaces.ts";
import type { Meter } from "./meter.ts";
import { groupOf, isGroup } from "./multicast.ts";
import type { Permits } from "./permits.ts";
import type { ProbeLog } from "./probe-log.ts";
import { canonical, type Scope } from "./scope.ts";
import { openStream } from "./stream-socket.ts";

export interface DoorParts {
  readonly scope: Scope;
  readonly budget: Budget;
  readonly clock: Clock;
  readonly log: ProbeLog;
  /** Interfaces in scope (interfaces.ts); multicast leaves by these alone. */
  readonly interfaces: readonly SiteInterface[];
  /** Source address of TCP connections and of datagrams without an interface; for sites simulated on loopback. */
  readonly sourceAddress?: string;
  /** Sockets open at once, over all doors that share it; absent: as many as come. */
  readonly sockets?: Permits;
}

/** What the log says about a run. */
export interface ProbeLabel {
  readonly probe: string;
  /** "192.0.2.7:554", an address, or a multicast group. */
  readonly target: string;
}

export interface ProbeDial extends Dial {
  /** Datagrams that were not handed on: from outside the scope, or beyond the queue's end. */
  readonly dropped: { readonly outOfScope: number; readonly overflow: number };
  /** Ends the run: closes what is open and writes the log line. Safe to call twice. */
  close(): void;
}

export interface Door {
  readonly interfaces: readonly SiteInterface[];
  forProbe(signal: AbortSignal, label: ProbeLabel): ProbeDial;
}

export function createDoor(parts: DoorParts): Door {
  return { interfaces: parts.interfaces, forProbe: (signal, label) => new DoorDial(parts, signal, label) };
}

class DoorDial implements ProbeDial {
  readonly #parts: DoorParts;
  readonly #signal: AbortSignal;
  #label: ProbeLabel;
  readonly #open = new Set<{ close(): void }>();
  readonly #meter: Meter = { connections: 0, bytesIn: 0, bytesOut: 0, outOfScope: 0, overflow: 0 };
  #began = false;
  #closed = false;

  constructor(parts: DoorParts, signal: AbortSignal, label: ProbeLabel) {
    this.#parts = parts;
    this.#signal = signal;
    // Every open socket listens to it; Node would call that a leak at eleven.
    setMaxListeners(0, signal);
    this.#label = label;
  }

  get spent(): { connections: number; bytesIn: number; bytesOut: number } {
    const { connections, bytesIn, bytesOut } = this.#meter;
    return { connections, bytesIn, bytesOut };
  }

  get dropped(): { outOfScope: number; overflow: number } {
    return { outOfScope: this.#meter.outOfScope, overflow: this.#meter.overflow };
  }

  async tcp(address: string, port: number, options: StreamOptions = {}): Promise<Stream> {
    const host = this.#admit(address, port);
    const lane: Lane = options.lane ?? "exclusive";
    const release = await this.#parts.budget.acquire(host, lane, this.#signal);
    if (!release) throw new DialError(fault("connect", "budget"));
    let free: Release | undefined;
    try {
      free = await this.#takeSocket();
      this.#begin();
      this.#meter.connections++;
      const source = this.#parts.sourceAddress;
      const from = source !== undefined && source.includes(":") === host.includes(":") ? source : undefined;
      const stream = await openStream({ host, port, options, meter: this.#meter, signal: this.#signal, ...(from ? { from } : {}) });
      const done = free;
      return this.#keep(stream, () => {
        done();
        if (lane === "exclusive") release();
      });
    } catch (error) {
      free?.();
      release();
      throw error;
    } finally {
      if (lane !== "exclusive") release();
    }
  }

  async udp(options: DatagramOptions = {}): Promise<DatagramSocket> {
    const own = this.#ownInterface(options);
    if (this.#signal.aborted || this.#closed) throw new DialError(fault("connect", "timeout"));
    const { peer } = options;
    if (peer) this.#admit(peer.address, peer.port);
    const from = own?.address ?? this.#parts.sourceAddress;
    const free = await this.#takeSocket();
    const opening = openDatagrams({
      ...(from === undefined ? {} : { from }),
      ...(own ? { own } : {}),
      ...(options.group ? { group: groupOf(options.group) } : {}),
      ...(peer ? { peer } : {}),
      maxBytes: options.maxDatagramBytes ?? 65_507,
      meter: this.#meter,
      signal: this.#signal,
      accepts: (address) => this.#parts.scope.allows(address),
      admit: (address, port) => this.#admitDatagram(address, port, own),
    });
    const socket = await opening.catch((error: unknown) => {
      free();
      throw error;
    });
    return this.#keep(socket, free);
  }

  /** Room under the ceiling of sockets; the look waits for it as it does for its turn at the host. */
  async #takeSocket(): Promise<Release> {
    const { sockets } = this.#parts;
    if (sockets !== undefined && !(await sockets.acquire(this.#signal))) throw new DialError(fault("connect", "budget"));
    let held = true;
    return () => {
      if (held) sockets?.release();
      held = false;
    };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of [...this.#open]) socket.close();
    if (!this.#began) return;
    const dropped = this.#meter.outOfScope + this.#meter.overflow;
    this.#write("ended", { ...this.spent, ...(dropped > 0 ? { dropped } : {}) });
  }

  /** Canonical address, or a DialError before anything is sent. */
  #admit(address: string, port: number): string {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`port ${port} is not a port`);
    const refusal = this.#parts.scope.refusal(address, port);
    const host = canonical(address);
    if (refusal || host === undefined) throw new DialError(fault("connect", "out-of-scope", undefined, refusal));
    if (this.#closed) throw new DialError(fault("connect", "timeout"));
    return host;
  }

  async #admitDatagram(address: string, port: number, own: SiteInterface | undefined): Promise<void> {
    const multicast = isGroup({ address, port });
    if (multicast && !own)
      throw new DialError(fault("request", "out-of-scope", "Multicast needs an interface in scope; nothing was sent."));
    const host = multicast ? "multicast" : this.#admit(address, port);
    if (!(await this.#parts.budget.spend(host, this.#signal))) throw new DialError(fault("request", "budget"));
    // A search has no host of its own: on record is the group that it went to.
    if (multicast && this.#label.target === "")
      this.#label = { ...this.#label, target: `${address.includes(":") ? `[${address}]` : address}:${port}` };
    this.#begin();
    this.#meter.connections++;
  }

  #ownInterface(options: DatagramOptions): SiteInterface | undefined {
    if (options.interfaceAddress === undefined && !options.group) return undefined;
    const own = this.#parts.interfaces.find((i) => i.address === options.interfaceAddress);
    if (!own) throw new DialError(fault("connect", "out-of-scope", "The interface is not in scope; nothing was sent."));
    if (options.group && !isGroup(options.group))
      throw new DialError(fault("connect", "out-of-scope", "The group is not one that we join."));
    return own;
  }

  #keep<S extends { close(): void }>(socket: S, release: Release): S {
    const close = socket.close.bind(socket);
    socket.close = () => {
      this.#open.delete(socket);
      close();
      release();
    };
    if (this.#closed) {
      socket.close();
      throw new DialError(fault("connect", "timeout"));
    }
    this.#open.add(socket);
    return socket;
  }

  #begin(): void {
    if (this.#began) return;
    this.#write("began", {});
    this.#began = true;
  }

  #write(event: "began" | "ended", spent: object): void {
    const time = new Date(this.#parts.clock.wall()).toISOString();
    this.#parts.log.write({ time, event, ...this.#label, ...spent });
  }
}
