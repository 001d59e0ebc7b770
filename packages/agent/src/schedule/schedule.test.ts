import { create } from "@bufbuild/protobuf";
import {
  encodeFacts,
  HttpRootPostureSchema,
  HttpRootVolatileSchema,
  PolicySchema,
  type ProbeId,
  TcpConnectPostureSchema,
  TcpConnectVolatileSchema,
  TlsCertificatePostureSchema,
  TlsCertificateVolatileSchema,
  TlsHandshakePostureSchema,
  TlsHandshakeVolatileSchema,
} from "@vedette/proto";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createObserver } from "../observe.ts";
import { createMemoryOutbox } from "../outbox/memory.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { stand } from "../policy.ts";
import type { Facts } from "../probe/probe.ts";
import type { AnyProbe } from "../probe/registry.ts";
import { type Look, subjectOf, type Task } from "../run.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import { createScheduler, type ScheduleParts, type Scheduler } from "./schedule.ts";
import { createSite } from "./site.ts";

const HOST = "192.0.2.7";
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A host that answers as told, at no cost of time but the one told. */
interface Device {
  ports: Set<number>;
  server: string;
  certificate: string;
  alive: boolean;
  takesMs: number;
}

interface Taken {
  readonly atMs: number;
  readonly name: string;
}

let clock: FakeClock;
let device: Device;
let outbox: Outbox;
let taken: Taken[];
let scheduler: Scheduler;
let ends: AbortController;
let running: Promise<void>;

const POLICY = create(PolicySchema, { version: 1, confirmIntervalMs: 30 * MINUTE });

function fakeProbe(id: ProbeId): AnyProbe {
  return {
    id,
    version: 1,
    transport: id === "snmp.system" ? "udp" : "tcp",
    port: id === "tcp.connect" ? 0 : 1,
    tier: "polite",
    deadlineMs: 1000,
    options: z.any(),
    run: () => Promise.reject(new Error("looks are answered by the device")),
  };
}

function facts(task: Task): Facts<ProbeId> | undefined {
  const { port } = task.target;
  switch (task.probe.id) {
    case "tcp.connect": {
      const ports = (task.options as { ports?: number[] }).ports ?? [];
      return {
        posture: create(TcpConnectPostureSchema, {
          list: task.variant ?? "",
          covered: ports.map((p) => ({ first: p, last: p })),
          open: ports.filter((p) => device.ports.has(p)).map((p) => ({ port: p })),
        }),
        volatile: create(TcpConnectVolatileSchema),
      };
    }
    case "http.root":
      return device.ports.has(port)
        ? { posture: create(HttpRootPostureSchema, { server: device.server }), volatile: create(HttpRootVolatileSchema) }
        : undefined;
    case "tls.certificate":
      return {
        posture: create(TlsCertificatePostureSchema, { chain: [{ sha256: device.certificate }] }),
        volatile: create(TlsCertificateVolatileSchema),
      };
    case "tls.handshake":
      return {
        posture: create(TlsHandshakePostureSchema, { chain: [{ sha256: device.certificate }] }),
        volatile: create(TlsHandshakeVolatileSchema),
      };
    default:
      return undefined;
  }
}

async function answer(task: Task, signal: AbortSignal): Promise<readonly Look[]> {
  const name = `${task.probe.id}${task.variant === undefined ? "" : ` ${task.variant}`}${task.target.port === 0 ? "" : ` ${task.target.port}`}`;
  taken.push({ atMs: clock.monotonic(), name });
  const wallMs = clock.wall();
  if (device.takesMs > 0) await clock.sleep(device.takesMs, signal).catch(() => undefined);
  const seen = device.alive ? facts(task) : undefined;
  const common = {
    probe: task.probe.id as ProbeId,
    probeVersion: 1,
    tier: "polite" as const,
    subject: subjectOf(task.probe, task.target),
    ...(task.variant === undefined ? {} : { variant: task.variant }),
    interface: "eth0",
    wallMs,
    monotonicMs: wallMs,
    evidence: [],
    cost: { connections: 1, bytesIn: 0, bytesOut: 0, durationMs: 0 },
    notes: [],
  };
  if (seen === undefined) return [{ ...common, outcome: "unreachable", fault: { phase: "connect", code: "timeout", message: "t" } }];
  return [{ ...common, outcome: "identified", facts: seen, encoded: encodeFacts(common.probe, seen.posture, seen.volatile) }];
}

function start(more: Partial<ScheduleParts> = {}): void {
  taken = [];
  ends = new AbortController();
  const site = createSite();
  site.restore(outbox.allTold());
  scheduler = createScheduler({
    clock,
    random: () => 0.5,
    site,
    observer: createObserver({ outbox, now: () => clock.wall(), onRefused: () => expect.unreachable() }),
    standing: () => stand({ scope: ["192.0.2.0/24"], exclude: [], tier: "polite" }, POLICY),
    probe: fakeProbe,
    run: answer,
    siteJobs: () => [],
    searches: [],
    logger: pino({ level: "silent" }),
    ...more,
  });
  running = scheduler.run(ends.signal);
}

async function stop(): Promise<void> {
  ends.abort();
  await clock.advance(0);
  await running;
}

beforeEach(() => {
  clock = createFakeClock(1_700_000_000_000);
  device = { ports: new Set([80, 443]), server: "cam/1", certificate: "a", alive: true, takesMs: 0 };
  outbox = createMemoryOutbox({ now: () => clock.wall() });
  start();
});
afterEach(stop);

const names = () => taken.map((t) => t.name);
const since = (atMs: number) => taken.filter((t) => t.atMs >= atMs).map((t) => t.name);
const times = (name: string) => taken.filter((t) => t.name === name).map((t) => t.atMs);

test("a host that was heard of is looked at to the end at once", async () => {
  scheduler.signal(HOST);
  await clock.advance(200);
  expect(new Set(names())).toEqual(
    new Set([
      "tcp.connect guard",
      "tcp.connect common",
      "tcp.connect presence",
      "snmp.system 161",
      "http.root 80",
      "http.root 443",
      "tls.certificate 443",
      "tls.handshake 443",
    ]),
  );
});

test("then each look comes at its interval", async () => {
  scheduler.signal(HOST);
  await clock.advance(61 * MINUTE);
  expect(times("tcp.connect presence").length).toBeGreaterThanOrEqual(60);
  expect(times("tcp.connect guard").length).toBeGreaterThanOrEqual(12);
  expect(times("tls.certificate 443")).toHaveLength(5);
  expect(times("http.root 80")).toHaveLength(2);
  expect(times("tls.handshake 443")).toHaveLength(1);
  expect(times("tcp.connect full")).toHaveLength(0);
});

test("a host outside the scope is never looked at", async () => {
  scheduler.signal("198.51.100.1");
  await clock.advance(MINUTE);
  expect(names()).toEqual([]);
});

test("a passive signal is answered by looks at once, and not more often than every second", async () => {
  scheduler.signal(HOST);
  await clock.advance(10 * MINUTE);
  const at = clock.monotonic();
  scheduler.signal(HOST);
  await clock.advance(200);
  expect(since(at)).toContain("tcp.connect guard");
  expect(since(at)).toContain("http.root 80");
  for (let i = 0; i < 20; i++) {
    scheduler.signal(HOST);
    await clock.advance(100);
  }
  expect(times("http.root 80").filter((t) => t >= at).length).toBeLessThanOrEqual(4);
  expect(times("http.root 80").filter((t) => t >= at).length).toBeGreaterThanOrEqual(3);
});

test("a signal that comes while the look is under way makes it run again", async () => {
  scheduler.signal(HOST);
  await clock.advance(MINUTE);
  device.takesMs = 3 * SECOND;
  scheduler.signal(HOST, 80);
  await clock.advance(SECOND);
  const at = clock.monotonic();
  scheduler.signal(HOST, 80);
  await clock.advance(5 * SECOND);
  expect(since(at).filter((n) => n === "http.root 80")).toHaveLength(1);
});

test("a changed light look asks for the endpoint's other looks at once", async () => {
  scheduler.signal(HOST);
  await clock.advance(10 * MINUTE);
  device.certificate = "b";
  const at = clock.monotonic();
  await clock.advance(16 * MINUTE);
  expect(since(at).filter((n) => n === "tls.handshake 443")).toHaveLength(1);
  const [look] = taken.filter((t) => t.name === "tls.handshake 443" && t.atMs >= at);
  const [seen] = taken.filter((t) => t.name === "tls.certificate 443" && t.atMs >= at);
  expect((look?.atMs ?? Number.NaN) - (seen?.atMs ?? 0)).toBeLessThanOrEqual(200);
});

test("a port that opens gets its probes within the guard interval", async () => {
  scheduler.signal(HOST);
  await clock.advance(MINUTE);
  device.ports.add(8000);
  await clock.advance(6 * MINUTE);
  expect(names()).toContain("http.root 8000");
});

test("a silent host is left alone but for its presence, ever more rarely, and looked at in full when it is back", async () => {
  scheduler.signal(HOST);
  await clock.advance(10 * MINUTE);
  device.alive = false;
  await clock.advance(5 * MINUTE);
  const at = clock.monotonic();
  await clock.advance(60 * MINUTE);
  expect(new Set(since(at))).toEqual(new Set(["tcp.connect presence"]));
  expect(since(at).length).toBeLessThan(12);
  device.alive = true;
  const back = clock.monotonic();
  await clock.advance(11 * MINUTE);
  expect(since(back)).toEqual(expect.arrayContaining(["tcp.connect guard", "http.root 80", "tls.certificate 443", "tls.handshake 443"]));
});

test("three missed presence looks are told, those of other lists are not", async () => {
  scheduler.signal(HOST);
  await clock.advance(10 * MINUTE);
  const before = outbox.size().depth;
  device.alive = false;
  await clock.advance(8 * MINUTE);
  const missed = [...outbox.allTold()].find(([key]) => key.startsWith('["tcp.connect","presence"'))?.[1];
  expect(missed).toMatchObject({ repeats: 3, outcome: 3 });
  const guard = [...outbox.allTold()].find(([key]) => key.startsWith('["tcp.connect","guard"'))?.[1];
  expect(guard).toMatchObject({ outcome: 1 });
  expect(outbox.size().depth - before).toBeLessThan(20);
});

test("what the centre asks for is looked at and told at once", async () => {
  scheduler.signal(HOST);
  await clock.advance(10 * MINUTE + 7 * SECOND);
  const [at, before] = [clock.monotonic(), outbox.size().depth];
  expect(scheduler.ask("http.root", HOST, 80)).toBe(true);
  expect(scheduler.ask("http.root", HOST, 81)).toBe(false);
  expect(scheduler.ask("http.root", "198.51.100.1", 80)).toBe(false);
  await clock.advance(100);
  expect(since(at)).toEqual(["http.root 80"]);
  expect(outbox.size().depth).toBe(before + 1);
});

test("after a restart everything is known again and nothing is told as new", async () => {
  scheduler.signal(HOST);
  await clock.advance(10 * MINUTE);
  await stop();
  const depth = outbox.size().depth;
  start();
  await clock.advance(SECOND);
  expect(scheduler.counts()).toMatchObject({ hosts: 1, endpoints: 2 });
  expect(names()).toContain("tls.handshake 443");
  const added = [...Array.from({ length: outbox.size().depth - depth }, (_, i) => outbox.batch(depth + i)?.observations[0])];
  // Looks whose interval is the confirm interval or longer confirm; nothing sends facts.
  expect([...outbox.allTold()].filter(([, t]) => t.base !== undefined && t.base.seq > depth)).toEqual([]);
  expect(added.length).toBeLessThan(8);
});

test("one round takes every look once and ends by itself", async () => {
  await stop();
  let progress = [0, 0];
  start({
    searches: [{ name: "search", run: async () => scheduler.signal(HOST) }],
    once: {
      sweep: false,
      onProgress(done, known) {
        progress = [done, known];
      },
    },
  });
  await clock.advance(MINUTE);
  await running;
  expect(names().length).toBe(new Set(names()).size);
  expect(new Set(names()).size).toBe(8);
  expect(progress).toEqual([9, 9]);
});

test("one round asks who a host is once more, at its end", async () => {
  await stop();
  const site = createSite();
  start({
    site,
    searches: [
      {
        name: "search",
        run: async () => {
          site.noteDescription(HOST, 49_152, "/desc.xml");
          scheduler.signal(HOST);
        },
      },
    ],
    once: { sweep: false },
  });
  await clock.advance(MINUTE);
  await running;
  expect(names().filter((n) => n === "upnp.description 49152")).toHaveLength(2);
  expect(names().at(-1)).toBe("upnp.description 49152");
});

test("one round that only listens goes on for as long as it was told", async () => {
  await stop();
  start({ once: { sweep: false, listenMs: 10 * MINUTE } });
  let ended = false;
  void running.then(() => {
    ended = true;
  });
  await clock.advance(9 * MINUTE);
  expect(ended).toBe(false);
  await clock.advance(2 * MINUTE);
  expect(ended).toBe(true);
});

test("without memory for another look none begins; with it again all that is due is taken", async () => {
  await stop();
  let mayStart = false;
  start({ mayStart: () => mayStart });
  scheduler.signal(HOST);
  await clock.advance(10 * SECOND);
  expect(names()).toEqual([]);
  mayStart = true;
  await clock.advance(2 * SECOND);
  expect(names()).toContain("tcp.connect presence");
});
