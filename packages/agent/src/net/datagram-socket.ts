/** One UDP socket as a `DatagramSocket`: bound to an interface, its queue bounded, strangers dropped and counted. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { classify, fault } from "../classify.ts";
import { type Datagram, type DatagramSocket, DialError } from "./dial.ts";
import type { SiteInterface } from "./interfaces.ts";
import type { Meter } from "./meter.ts";
import { type MulticastGroup, ttlOf } from "./multicast.ts";
import { canonical } from "./scope.ts";

/** Datagrams that may wait for the reader; what comes beyond is dropped and counted. */
const QUEUE = 1024;

export interface DatagramRequest {
  /** Source address; undefined: the kernel's choice. */
  readonly from?: string;
  readonly own?: SiteInterface;
  readonly group?: MulticastGroup;
  readonly peer?: { readonly address: string; readonly port: number };
  readonly maxBytes: number;
  readonly meter: Meter;
  readonly signal: AbortSignal;
  accepts(address: string): boolean;
  /** Scope, budget and log. @throws DialError */
  admit(address: string, port: number): Promise<void>;
}

/** @throws DialError of phase connect */
export async function openDatagrams(request: DatagramRequest): Promise<DatagramSocket> {
  const { from, own, group, peer } = request;
  const family = (group?.address ?? peer?.address ?? from ?? "").includes(":") ? "udp6" : "udp4";
  const socket = createSocket({ type: family, reuseAddr: group !== undefined });
  try {
    // A receiver binds the group's own address: of two wildcard sockets on one port, one gets all the unicast datagrams.
    const zone = own?.family === "IPv6" ? `%${own.name}` : "";
    const address = group ? group.address + zone : from;
    socket.bind({ port: group?.port ?? 0, ...(address === undefined ? {} : { address }) });
    await once(socket, "listening", { signal: request.signal });
    if (peer) {
      socket.connect(peer.port, peer.address);
      await once(socket, "connect", { signal: request.signal });
    }
    if (own) {
      const by = own.family === "IPv6" ? `::${zone}` : own.address;
      socket.setMulticastInterface(by);
      if (group) socket.addMembership(group.address, by);
    }
  } catch (error) {
    socket.on("error", () => undefined);
    socket.close();
    throw new DialError(classify(error, "connect"));
  }
  return new BoundSocket(socket, request);
}

class BoundSocket implements DatagramSocket {
  readonly localAddress: string;
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #request: DatagramRequest;
  readonly #queue: Datagram[] = [];
  #wake: (() => void) | undefined;
  #error: Error | undefined;
  #closed = false;

  constructor(socket: Socket, request: DatagramRequest) {
    this.#socket = socket;
    this.#request = request;
    ({ address: this.localAddress, port: this.localPort } = socket.address());
    socket.on("message", (bytes, from) => this.#take(bytes, from));
    socket.on("error", (error) => {
      this.#error = error;
      this.#wake?.();
    });
    request.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => {
    this.#wake?.();
  };

  async send(bytes: Uint8Array, port: number, address: string): Promise<void> {
    const { peer, admit } = this.#request;
    if (peer && (peer.port !== port || peer.address !== address)) throw new RangeError("not the peer of this socket");
    await admit(address, port);
    if (this.#closed) throw new DialError(fault("request", "timeout"));
    const ttl = ttlOf({ address, port });
    if (ttl !== undefined) this.#socket.setMulticastTTL(ttl);
    await new Promise<void>((resolve, reject) => {
      const sent = (error: Error | null): void => {
        if (error) reject(new DialError(classify(error, "request")));
        else resolve();
      };
      if (this.#request.peer) this.#socket.send(bytes, sent);
      else this.#socket.send(bytes, port, address, sent);
    });
    this.#request.meter.bytesOut += bytes.length;
  }

  async receive(): Promise<Datagram | null> {
    for (;;) {
      const next = this.#queue.shift();
      if (next) return next;
      if (this.#error) throw new DialError(classify(this.#error, "response"));
      if (this.#closed || this.#request.signal.aborted) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#request.signal.removeEventListener("abort", this.#onAbort);
    this.#socket.close();
    this.#wake?.();
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    const { meter, accepts, maxBytes } = this.#request;
    const address = canonical(from.address);
    if (address === undefined || !accepts(address)) {
      meter.outOfScope++;
      return;
    }
    meter.bytesIn += bytes.length;
    if (this.#queue.length >= QUEUE || bytes.length > maxBytes) {
      meter.overflow++;
      return;
    }
    this.#queue.push({ address, port: from.port, bytes });
    this.#wake?.();
  }
}
