/** Finds hosts that announce nothing: every address of the scope is knocked at on a few ports, again and again. An open port is a host. */
import { DialError } from "../net/dial.ts";
import type { Scope } from "../net/scope.ts";
import { type Discover, type DiscoverContext, type Emit, listening } from "./discover.ts";

export interface TcpLookOptions {
  readonly scope: Scope;
  readonly ports: readonly number[];
  /** From the end of one round to the next. */
  readonly intervalMs: number;
  /** Default 1,000. */
  readonly connectMs?: number;
  /** Hosts looked at together. Default 64. */
  readonly together?: number;
  /** Hosts that are known already are the schedule's. */
  isKnown(address: string): boolean;
}

const ID = "tcp-look";

export function tcpLook(options: TcpLookOptions): Discover {
  return {
    id: ID,
    start: (cx, emit) =>
      listening(cx, ID, async (signal) => {
        while (!signal.aborted) {
          await round(options, cx, emit, signal);
          await cx.clock.sleep(options.intervalMs, signal);
        }
      }),
  };
}

async function round(options: TcpLookOptions, cx: DiscoverContext, emit: Emit, signal: AbortSignal): Promise<void> {
  const hosts = options.scope.hosts();
  const worker = async (): Promise<void> => {
    for (const address of hosts) {
      if (signal.aborted) return;
      if (options.isKnown(address)) continue;
      const port = await openPort(address, options, cx, signal);
      if (port !== undefined && !signal.aborted) emit({ kind: "target", source: ID, probe: "tcp.connect", target: { address, port } });
    }
  };
  await Promise.all(Array.from({ length: options.together ?? 64 }, worker));
}

/** The first of the ports that opens; undefined where none does. A refusal shows no host: on loopback every address refuses. */
async function openPort(address: string, options: TcpLookOptions, cx: DiscoverContext, signal: AbortSignal): Promise<number | undefined> {
  const found = new AbortController();
  const dial = cx.door.forProbe(AbortSignal.any([signal, found.signal]), { probe: "tcp.connect", target: address });
  const knock = async (port: number): Promise<number> => {
    (await dial.tcp(address, port, { connectMs: options.connectMs ?? 1_000, lane: "sweep" })).close();
    return port;
  };
  try {
    return await Promise.any(options.ports.map(knock));
  } catch (error) {
    const bug = error instanceof AggregateError ? error.errors.find((e: unknown) => !(e instanceof DialError)) : error;
    if (bug !== undefined) throw bug;
    return undefined;
  } finally {
    found.abort();
    dial.close();
  }
}
