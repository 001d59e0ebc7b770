/** A scripted `Dial` for the tests of probes: no socket, every byte by the test. */
import { fault } from "../classify.ts";
import type { Fault } from "../probe/probe.ts";
import { type Datagram, type DatagramOptions, type DatagramSocket, type Dial, DialError, type Stream, type StreamOptions } from "./dial.ts";

/** What the peer does next: bytes, its FIN, or a fault. */
export type PeerAct = Uint8Array | string | "FIN" | Fault;

export interface FakePeer {
  /** Sent on connect. */
  readonly greeting?: readonly PeerAct[];
  /** Answer to the n-th write, from 0. */
  readonly answer?: (written: Uint8Array, n: number) => readonly PeerAct[];
  readonly chain?: readonly Uint8Array[];
}

export interface FakeSite {
  /** undefined: refused. */
  readonly tcp?: (address: string, port: number, options: StreamOptions) => FakePeer | Fault | undefined;
  /** Datagrams that come back for one that was sent. */
  readonly udp?: (bytes: Uint8Array, port: number, address: string, options: DatagramOptions) => readonly Datagram[];
}

export interface FakeDial extends Dial {
  /** Everything written to streams and sent as datagrams, in order. */
  readonly written: readonly Uint8Array[];
  readonly dialled: readonly { address: string; port: number; options: StreamOptions }[];
}

export function fakeDial(site: FakeSite, signal: AbortSignal = new AbortController().signal): FakeDial {
  const spent = { connections: 0, bytesIn: 0, bytesOut: 0 };
  const written: Uint8Array[] = [];
  const dialled: { address: string; port: number; options: StreamOptions }[] = [];

  function record(bytes: Uint8Array): void {
    spent.bytesOut += bytes.length;
    written.push(bytes);
  }

  return {
    spent,
    written,
    dialled,
    async tcp(address, port, options = {}) {
      spent.connections++;
      dialled.push({ address, port, options });
      const peer = site.tcp?.(address, port, options);
      if (!peer) throw new DialError(fault("connect", "refused"));
      if ("code" in peer) throw new DialError(peer);
      return fakeStream(address, peer, options, signal, { record, read: (n) => (spent.bytesIn += n) });
    },
    async udp(options = {}) {
      const queue: Datagram[] = [];
      let wake: (() => void) | undefined;
      let closed = false;
      const socket: DatagramSocket = {
        localAddress: options.group?.address ?? options.interfaceAddress ?? "192.0.2.1",
        localPort: options.group?.port ?? 40_000,
        async send(bytes, port, to) {
          spent.connections++;
          record(bytes);
          queue.push(...(site.udp?.(bytes, port, to, options) ?? []));
          wake?.();
        },
        async receive() {
          for (;;) {
            const next = queue.shift();
            if (next) return next;
            if (closed || signal.aborted) return null;
            await new Promise<void>((resolve) => {
              wake = resolve;
              signal.addEventListener("abort", () => resolve(), { once: true });
            });
          }
        },
        close() {
          closed = true;
          wake?.();
        },
      };
      return socket;
    },
  };
}

interface Counters {
  record(bytes: Uint8Array): void;
  read(count: number): void;
}

function fakeStream(address: string, peer: FakePeer, options: StreamOptions, signal: AbortSignal, counters: Counters): Stream {
  const acts: PeerAct[] = [...(peer.greeting ?? [])];
  let writes = 0;
  let left = options.maxBytes ?? 2 ** 20;
  return {
    localAddress: "192.0.2.1",
    remoteAddress: address,
    async write(bytes) {
      counters.record(bytes);
      acts.push(...(peer.answer?.(bytes, writes++) ?? []));
    },
    async read() {
      const act = acts.shift();
      if (act === undefined) {
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        throw new DialError(fault("response", "timeout"));
      }
      if (act === "FIN") return null;
      if (typeof act === "object" && "code" in act) throw new DialError(act);
      const bytes = typeof act === "string" ? Buffer.from(act, "latin1") : act;
      counters.read(bytes.length);
      left -= bytes.length;
      if (left < 0) throw new DialError(fault("response", "too-large"));
      return bytes;
    },
    peerChain: () => peer.chain ?? [],
    end: () => undefined,
    close: () => undefined,
  };
}
