/** tcp.connect: which of a list of ports answer, and what they say first. Nothing is sent. */
import { create } from "@bufbuild/protobuf";
import { rangesOf, TcpConnectPostureSchema, TcpConnectVolatileSchema } from "@vedette/proto";
import { mayConnect } from "@vedette/standard/registry";
import { z } from "zod";
import { fault } from "../../classify.ts";
import type { Lane } from "../../net/budget.ts";
import { DialError, type Stream } from "../../net/dial.ts";
import type { Fault, Probe, ProbeContext, Reading, Target } from "../probe.ts";
import { PORT_LISTS, portsOf, SWEEP_SIZE } from "./port-list.ts";
import { MAX_FIRST_BYTES, readFirstBytes } from "./wire.ts";

const Options = z
  .strictObject({
    list: z.enum(PORT_LISTS).default("common"),
    /** Instead of the list's own ports; must be given for "custom". */
    ports: z.array(z.int().min(1).max(65_535)).max(65_535).optional(),
    firstBytesMs: z.int().min(0).max(10_000).default(2_000),
    connectMs: z.int().min(50).max(10_000).default(1_000),
  })
  .refine((o) => o.list !== "custom" || (o.ports?.length ?? 0) > 0, { path: ["ports"], error: 'list "custom" needs the ports to look at' });

export type TcpConnectOptions = z.infer<typeof Options>;

const NOTHING = new Uint8Array();
/** Nothing more after this long: a greeting's parts come close together. */
const QUIET_MS = 300;
/** Sockets open at once, attempts and first bytes together. */
const SOCKETS = 64;

interface PortLook {
  readonly port: number;
  readonly state: "open" | "closed" | "filtered" | "unmeasured";
  readonly first: Uint8Array;
  readonly fault?: Fault;
}

export const tcpConnect: Probe<"tcp.connect", TcpConnectOptions> = {
  id: "tcp.connect",
  version: 1,
  transport: "tcp",
  port: 0,
  tier: "polite",
  deadlineMs: 60_000,
  options: Options,
  async run(target, options, cx) {
    const ports = [...new Set(options.ports ?? portsOf(options.list))].filter(mayConnect).sort((a, b) => a - b);
    const looks: PortLook[] = [];
    const queue = ports.values();
    const worker = async (): Promise<void> => {
      for (const port of queue) looks.push(await lookAt(target, port, options, cx));
    };
    await Promise.all(Array.from({ length: Math.min(SOCKETS, ports.length) }, worker));
    return readingOf(
      looks.sort((a, b) => a.port - b.port),
      options,
      cx,
    );
  },
};

async function lookAt(target: Target, port: number, options: TcpConnectOptions, cx: ProbeContext): Promise<PortLook> {
  if (cx.signal.aborted) return { port, state: "unmeasured", first: NOTHING, fault: fault("connect", "timeout") };
  const lane: Lane = options.list === "presence" || options.list === "guard" ? "look" : "sweep";
  try {
    const stream = await cx.dial.tcp(target.address, port, { connectMs: options.connectMs, lane, maxBytes: 65_536 });
    const first = await firstBytes(stream, options.firstBytesMs, cx);
    return { port, state: "open", first };
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    const why = error.fault;
    // A reset after the handshake: somebody listens there, and wants nothing of us.
    if (why.code === "reset") return { port, state: "open", first: NOTHING };
    if (why.code === "refused") return { port, state: "closed", first: NOTHING };
    const silent = why.code === "unreachable" || (why.code === "timeout" && !cx.signal.aborted);
    // Our own limits (EMFILE, budget, scope) are no state of the port.
    return { port, state: silent ? "filtered" : "unmeasured", first: NOTHING, fault: why };
  }
}

/** Up to MAX_FIRST_BYTES that come within the time; what ends the stream earlier ends them too. */
async function firstBytes(stream: Stream, withinMs: number, cx: ProbeContext): Promise<Uint8Array> {
  if (withinMs === 0) {
    stream.close();
    return NOTHING;
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  const done = new AbortController();
  const signal = AbortSignal.any([cx.signal, done.signal]);
  const endAfter = (ms: number): void => {
    cx.clock.sleep(ms, signal).then(
      () => stream.close(),
      () => undefined,
    );
  };
  try {
    endAfter(withinMs);
    while (size < MAX_FIRST_BYTES) {
      const part = await stream.read();
      if (!part) break;
      if (parts.length === 0) endAfter(QUIET_MS);
      parts.push(part);
      size += part.length;
    }
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
  } finally {
    done.abort();
    stream.close();
  }
  return Buffer.concat(parts).subarray(0, MAX_FIRST_BYTES);
}

/** @param looks by port, ascending */
function readingOf(looks: readonly PortLook[], options: TcpConnectOptions, cx: ProbeContext): Reading<"tcp.connect"> {
  const portsIn = (...states: PortLook["state"][]): number[] => looks.filter((l) => states.includes(l.state)).map((l) => l.port);
  const covered = portsIn("open", "closed", "filtered");
  const cut = looks.find((l) => l.state === "unmeasured")?.fault;
  const answered = portsIn("open", "closed").length;
  if (answered === 0) {
    const why = cut ?? looks.find((l) => l.fault)?.fault ?? fault("connect", "out-of-scope");
    return { outcome: cut ? "undetermined" : "unreachable", fault: why };
  }
  const open = looks.filter((l) => l.state === "open").map((l) => ({ port: l.port, first: l.first, ...readFirstBytes(l.first) }));
  for (const o of open) if (o.first.length > 0) cx.evidence(`first bytes of ${o.port}`, o.first);
  const posture = create(TcpConnectPostureSchema, {
    list: options.list,
    covered: rangesOf(covered),
    open: open.map(({ port, protocol, banner }) => ({ port, protocol, banner })),
    filtered: rangesOf(portsIn("filtered")),
    completeSweep: covered.length === SWEEP_SIZE,
  });
  const volatile = create(TcpConnectVolatileSchema, {
    banners: open.filter((o) => o.volatile).map((o) => ({ port: o.port, firstBytes: Buffer.from(o.first).toString("hex") })),
  });
  // Refusals alone do not show a device: who derives from this looks for an open port; the fault says so too.
  const refused = open.length === 0 ? fault("connect", "refused", "Every port that answered refused.") : undefined;
  const why = cut ?? refused;
  return { outcome: "identified", result: { posture, volatile }, ...(why ? { fault: why } : {}) };
}
