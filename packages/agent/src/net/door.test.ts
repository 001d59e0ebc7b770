import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { listenTls } from "../testing/tls.ts";
import { createBudget } from "./budget.ts";
import { systemClock } from "./clock.ts";
import { DialError } from "./dial.ts";
import { createDoor, type Door } from "./door.ts";
import { siteInterfaces } from "./interfaces.ts";
import { SSDP } from "./multicast.ts";
import { Permits } from "./permits.ts";
import { memoryProbeLog } from "./probe-log.ts";
import { parseScope } from "./scope.ts";

const log = memoryProbeLog();
const label = { probe: "test", target: "127.18.1.1" };
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function door(include: string[] = ["127.18.1.0/24"], loopbackSource = "127.18.1.200", sockets?: Permits): Door {
  const scope = parseScope({ include });
  return createDoor({
    ...(sockets === undefined ? {} : { sockets }),
    scope,
    budget: createBudget(systemClock),
    clock: systemClock,
    log,
    interfaces: siteInterfaces(scope, { loopbackSource }),
  });
}

async function listen(onSocket: (socket: Socket) => void, host = "127.18.1.1"): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    ends.push(() => socket.destroy());
    onSocket(socket);
  }).listen(0, host);
  await once(server, "listening");
  ends.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}

async function faultOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof DialError)) throw error ?? new Error("no error came");
  return `${error.fault.phase} ${error.fault.code}`;
}

describe("tcp", () => {
  test("reads until the peer's end and says what it spent", async () => {
    const port = await listen((s) => s.end("hello"));
    const dial = door().forProbe(AbortSignal.timeout(2000), label);
    const stream = await dial.tcp("127.18.1.1", port);
    expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("hello");
    expect(await stream.read()).toBeNull();
    dial.close();
    expect(dial.spent).toEqual({ connections: 1, bytesIn: 5, bytesOut: 0 });
    expect(log.entries.slice(-2).map((e) => e.event)).toEqual(["began", "ended"]);
    expect(log.entries.at(-1)).toMatchObject({ probe: "test", connections: 1, bytesIn: 5 });
  });

  test("nothing leaves for what is out of scope, and nothing is logged", async () => {
    const before = log.entries.length;
    const dial = door().forProbe(AbortSignal.timeout(2000), label);
    expect(await faultOf(dial.tcp("127.18.2.1", 80))).toBe("connect out-of-scope");
    expect(await faultOf(dial.tcp("127.18.1.1", 9100))).toBe("connect out-of-scope");
    dial.close();
    expect(log.entries.length).toBe(before);
  });

  test("refused, reset, timeout, too-large, closed", async () => {
    const free = await listen(() => undefined);
    for (const end of ends.splice(0)) end();
    const dial = door().forProbe(AbortSignal.timeout(5000), label);
    expect(await faultOf(dial.tcp("127.18.1.1", free))).toBe("connect refused");

    const resetting = await dial.tcp("127.18.1.1", await listen((s) => s.once("data", () => s.resetAndDestroy())));
    await resetting.write(Buffer.from("x"));
    expect(await faultOf(resetting.read())).toBe("response reset");
    resetting.close();

    const endless = await dial.tcp("127.18.1.1", await listen((s) => s.write(Buffer.alloc(100_000))), { maxBytes: 1000 });
    expect(await faultOf(endless.read())).toBe("response too-large");

    const closing = await listen((s) => s.end());
    expect(await faultOf(dial.tcp("127.18.1.1", closing, { tls: {} }))).toBe("tls closed");
    const plain = await listen((s) => s.once("data", () => s.write("SSH-2.0-x\r\n")));
    expect(await faultOf(dial.tcp("127.18.1.1", plain, { tls: {} }))).toBe("tls malformed");
    dial.close();
  });

  test("the signal ends a wait within the deadline", async () => {
    const port = await listen(() => undefined);
    const dial = door().forProbe(AbortSignal.timeout(150), label);
    const stream = await dial.tcp("127.18.1.1", port);
    const started = performance.now();
    expect(await faultOf(stream.read())).toBe("response timeout");
    expect(performance.now() - started).toBeLessThan(1000);
    expect(await faultOf(dial.tcp("127.18.1.1", port))).toBe("connect budget");
    dial.close();
  });

  test("no more sockets are open than the ceiling allows, over every door; what failed to open gives its place back", async () => {
    const port = await listen(() => undefined);
    const sockets = new Permits(2);
    const one = door(undefined, undefined, sockets).forProbe(AbortSignal.timeout(3000), label);
    const two = door(undefined, undefined, sockets).forProbe(AbortSignal.timeout(3000), label);
    const unused = await listen(() => undefined, "127.18.1.2");
    const closed = await one.tcp("127.18.1.1", port);
    await one.udp({ peer: { address: "127.18.1.2", port: unused } });
    const hasty = door(undefined, undefined, sockets).forProbe(AbortSignal.timeout(100), label);
    expect(await faultOf(hasty.tcp("127.18.1.2", unused))).toBe("connect budget");
    expect(hasty.spent.connections).toBe(0);
    let opened = false;
    const waiting = two.tcp("127.18.1.2", unused).then((stream) => {
      opened = true;
      return stream;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(opened).toBe(false);
    closed.close();
    closed.close();
    await waiting;
    one.close();
    for (let i = 0; i < 3; i++) expect(await faultOf(two.tcp("127.18.1.9", 1))).toBe("connect refused");
    two.close();
    expect(sockets.idle).toBe(true);
  });

  test("a silent TLS peer ends by the connect deadline", async () => {
    const port = await listen(() => undefined);
    const dial = door().forProbe(AbortSignal.timeout(3000), label);
    expect(await faultOf(dial.tcp("127.18.1.1", port, { tls: {}, connectMs: 100 }))).toBe("tls timeout");
    dial.close();
  });

  test("IPv6 loopback, named by itself", async () => {
    const port = await listen((s) => s.end("six"), "::1");
    const dial = door(["::1"]).forProbe(AbortSignal.timeout(2000), label);
    const stream = await dial.tcp("0:0:0:0:0:0:0:1", port);
    expect(Buffer.from((await stream.read()) ?? []).toString()).toBe("six");
    expect(await faultOf(door().forProbe(AbortSignal.timeout(2000), label).tcp("::1", port))).toBe("connect out-of-scope");
    dial.close();
  });

  test("the peer's chain is what it sent", async () => {
    const server = await listenTls("127.18.1.1", () => undefined);
    ends.push(() => server.close());
    const dial = door().forProbe(AbortSignal.timeout(3000), label);
    const stream = await dial.tcp("127.18.1.1", server.port, { tls: {} });
    expect(stream.peerChain().map((c) => Buffer.compare(c, server.der))).toEqual([0]);
    dial.close();
    expect(dial.spent.bytesIn).toBeGreaterThan(server.der.length);
  });

  test("a second connection to a host waits for the first", async () => {
    const port = await listen(() => undefined);
    const dial = door().forProbe(AbortSignal.timeout(3000), label);
    const first = await dial.tcp("127.18.1.1", port);
    const second = dial.tcp("127.18.1.1", port);
    const early = await Promise.race([second, new Promise((r) => setTimeout(r, 200, "waiting"))]);
    expect(early).toBe("waiting");
    first.close();
    (await second).close();
    dial.close();
  });
});

describe("udp", () => {
  test("drops and counts what comes from outside the scope", async () => {
    const dial = door().forProbe(AbortSignal.timeout(1000), label);
    const socket = await dial.udp({ interfaceAddress: "127.18.1.200" });
    for (const [from, text] of [
      ["127.18.2.9", "stranger"],
      ["127.18.1.9", "guest"],
    ] as const) {
      const peer = createSocket("udp4").bind(0, from);
      await once(peer, "listening");
      ends.push(() => peer.close());
      peer.send(text, socket.localPort, "127.18.1.200");
      await new Promise((r) => setTimeout(r, 20));
    }
    expect(await socket.receive()).toMatchObject({ address: "127.18.1.9", bytes: Buffer.from("guest") });
    expect(dial.dropped.outOfScope).toBe(1);
    dial.close();
    expect(await socket.receive()).toBeNull();
  });

  test("multicast goes between two addresses of loopback", async () => {
    const signal = AbortSignal.timeout(2000);
    const receiving = door(undefined, "127.18.1.201").forProbe(signal, label);
    const sending = door().forProbe(signal, label);
    const receiver = await receiving.udp({ interfaceAddress: "127.18.1.201", group: SSDP });
    const sender = await sending.udp({ interfaceAddress: "127.18.1.200" });
    await sender.send(Buffer.from("NOTIFY"), SSDP.port, SSDP.address);
    expect(await receiver.receive()).toMatchObject({ address: "127.18.1.200", port: sender.localPort });
    expect(receiver.localAddress).toBe(SSDP.address);
    receiving.close();
    sending.close();
  });

  test("other groups, other interfaces and other addresses are refused", async () => {
    const dial = door().forProbe(AbortSignal.timeout(2000), label);
    expect(await faultOf(dial.udp({ interfaceAddress: "127.18.1.200", group: { address: "239.1.2.3", port: 1900 } }))).toBe(
      "connect out-of-scope",
    );
    expect(await faultOf(dial.udp({ interfaceAddress: "192.0.2.1" }))).toBe("connect out-of-scope");
    const socket = await dial.udp();
    expect(await faultOf(socket.send(new Uint8Array(1), 1900, "239.255.255.250"))).toBe("request out-of-scope");
    expect(await faultOf(socket.send(new Uint8Array(1), 161, "127.18.2.1"))).toBe("connect out-of-scope");
    dial.close();
  });
});
