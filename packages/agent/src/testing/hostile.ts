/** Real listeners on loopback that behave as a test says, on a port of their own choice, and a context to run a probe against them. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createBudget } from "../net/budget.ts";
import { systemClock } from "../net/clock.ts";
import { createDoor, type ProbeDial } from "../net/door.ts";
import { siteInterfaces } from "../net/interfaces.ts";
import { memoryProbeLog } from "../net/probe-log.ts";
import { parseScope } from "../net/scope.ts";
import type { ProbeContext } from "../probe/probe.ts";

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Bytes that the peers sent, joined, as Latin-1. */
  heard(): string;
  close(): void;
}

/** Each test takes an address of its own, so that the budgets of hosts do not add up. */
export async function listen(address: string, onSocket: (socket: Socket) => void): Promise<Listener> {
  const sockets = new Set<Socket>();
  const parts: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("data", (b) => parts.push(b));
    onSocket(socket);
  }).listen(0, address);
  await once(server, "listening");
  const bound = server.address();
  return {
    address,
    port: typeof bound === "object" && bound ? bound.port : 0,
    heard: () => Buffer.concat(parts).toString("latin1"),
    close() {
      for (const s of sockets) s.destroy();
      server.close();
    },
  };
}

/** Answers every request head (up to an empty line) with what `answer` gives for it, in order. */
export function answering(
  answer: (request: string, n: number, socket: Socket) => string | Uint8Array | undefined,
): (socket: Socket) => void {
  return (socket) => {
    let held = "";
    let n = 0;
    socket.on("data", (bytes) => {
      held += bytes.toString("latin1");
      for (let end = held.indexOf("\r\n\r\n"); end >= 0; end = held.indexOf("\r\n\r\n")) {
        const request = held.slice(0, end + 4);
        held = held.slice(end + 4);
        const text = answer(request, n++, socket);
        if (text !== undefined && socket.writable) socket.write(typeof text === "string" ? Buffer.from(text, "latin1") : text);
      }
    });
  };
}

export interface TestContext extends ProbeContext {
  readonly dial: ProbeDial;
  readonly kept: { label: string; bytes: Uint8Array }[];
}

export function contextFor(include: string, deadlineMs: number, loopbackSource = "127.0.0.1"): TestContext {
  const scope = parseScope({ include: [include] });
  const signal = AbortSignal.timeout(deadlineMs);
  const interfaces = siteInterfaces(scope, { loopbackSource });
  const limits = { sitePerSecond: 2000, hostPerSecond: 2000, sweepHostPerSecond: 2000, hostConcurrent: 1, sweepAttempts: 50 };
  const door = createDoor({ scope, budget: createBudget(systemClock, limits), clock: systemClock, log: memoryProbeLog(), interfaces });
  const kept: { label: string; bytes: Uint8Array }[] = [];
  return {
    signal,
    clock: systemClock,
    dial: door.forProbe(signal, { probe: "test", target: include }),
    note: () => undefined,
    evidence: (label, bytes) => kept.push({ label, bytes }),
    kept,
  };
}
