/**
 * The one door out. Every socket of the agent to the site is opened here: scope first, then budget, then the log.
 * Implemented in door.ts; a fake for tests stands in fake-dial.ts.
 */
import type { Fault } from "../probe/probe.ts";
import type { Lane } from "./budget.ts";

export interface StreamOptions {
  /** Deadline of the connect alone, ms; the context's signal holds beside it. */
  readonly connectMs?: number;
  /** Most bytes that may be read in all. Default 1 MiB. */
  readonly maxBytes?: number;
  /** How it counts against the budget (budget.ts). Default "exclusive". */
  readonly lane?: Lane;
  /** Wrap in TLS (no verification: we look at what is there). `serverName` only for DNS names. */
  readonly tls?: { readonly minVersion?: "TLSv1" | "TLSv1.2" | "TLSv1.3"; readonly alpn?: readonly string[] };
}

/** A connected byte stream with caps. Every wait ends by the signal given to dial. */
export interface Stream {
  readonly localAddress: string;
  readonly remoteAddress: string;
  write(bytes: Uint8Array): Promise<void>;
  /** The next bytes; null at the peer's FIN. @throws DialError (timeout, reset, too-large) */
  read(): Promise<Uint8Array | null>;
  /** DER chain of the peer for TLS streams, leaf first. */
  peerChain(): readonly Uint8Array[];
  end(): void;
  /** Always call it; safe to call twice. */
  close(): void;
}

export interface Datagram {
  readonly address: string;
  readonly port: number;
  readonly bytes: Uint8Array;
}

export interface DatagramSocket {
  readonly localAddress: string;
  readonly localPort: number;
  /** Counted against the budget and refused outside the scope, as a connection is. */
  send(bytes: Uint8Array, port: number, address: string): Promise<void>;
  /** The next datagram from an address in scope; null when the signal ends. Others are dropped and counted. */
  receive(): Promise<Datagram | null>;
  close(): void;
}

export interface DatagramOptions {
  /** Local address of an interface in scope; also the multicast interface. */
  readonly interfaceAddress?: string;
  /** Multicast group to join and bind to (its own address, never a wildcard), with its port. */
  readonly group?: { readonly address: string; readonly port: number };
  /** The one peer of a unicast exchange: others are not heard, and its port-unreachable comes as "refused". */
  readonly peer?: { readonly address: string; readonly port: number };
  readonly maxDatagramBytes?: number;
}

/** Every refusal and failure of the network as one type; `fault` says it all. */
export class DialError extends Error {
  override readonly name = "DialError";
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

export interface Dial {
  /** @throws DialError */
  tcp(address: string, port: number, options?: StreamOptions): Promise<Stream>;
  /** @throws DialError */
  udp(options?: DatagramOptions): Promise<DatagramSocket>;
  /** What this context has spent so far. */
  readonly spent: { connections: number; bytesIn: number; bytesOut: number };
}
