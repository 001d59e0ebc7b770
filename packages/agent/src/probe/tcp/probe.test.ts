import { afterEach, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { contextFor, type Listener, listen } from "../../testing/hostile.ts";
import type { FaultCode } from "../probe.ts";
import { tcpConnect } from "./probe.ts";

const open: Listener[] = [];
afterEach(() => {
  for (const l of open.splice(0)) l.close();
});
const at = async (...given: Parameters<typeof listen>): Promise<Listener> => {
  const listener = await listen(...given);
  open.push(listener);
  return listener;
};

const options = (given: object) => tcpConnect.options.parse({ list: "custom", firstBytesMs: 200, connectMs: 300, ...given });

test("tells open from closed, with first bytes and coverage", async () => {
  const ssh = await at("127.18.2.1", (s) => s.write("SSH-2.0-x\r\n"));
  const silent = await at("127.18.2.1", () => undefined);
  const closed = await at("127.18.2.1", () => undefined);
  closed.close();
  const cx = contextFor("127.18.2.0/24", 3000);
  const reading = await tcpConnect.run({ address: "127.18.2.1", port: 0 }, options({ ports: [ssh.port, silent.port, closed.port] }), cx);
  if (reading.outcome !== "identified") throw new Error(reading.fault.message);
  const { posture } = reading.result;
  expect(posture.open.map((o) => [o.port, o.protocol, o.banner])).toEqual(
    [
      [ssh.port, "ssh", "SSH-2.0-x"],
      [silent.port, "", ""],
    ].sort((a, b) => Number(a[0]) - Number(b[0])),
  );
  expect(posture.covered.reduce((n, r) => n + r.last - r.first + 1, 0)).toBe(3);
  expect(posture.completeSweep).toBe(false);
  expect(reading.fault).toBeUndefined();
  expect(ssh.heard()).toBe("");
});

test("refused everywhere: a look with no open port, and the fault says so", async () => {
  const closed = await at("127.18.2.2", () => undefined);
  closed.close();
  const reading = await tcpConnect.run(
    { address: "127.18.2.2", port: 0 },
    options({ ports: [closed.port] }),
    contextFor("127.18.2.0/24", 2000),
  );
  expect(reading).toMatchObject({ outcome: "identified", fault: { code: "refused" }, result: { posture: { open: [], filtered: [] } } });
});

test("a greeting without end is cut at 512 bytes, a slow one at its time", async () => {
  const endless = await at("127.18.2.3", (s) => {
    const timer = setInterval(() => s.writable && s.write("x".repeat(4000)), 1);
    s.on("close", () => clearInterval(timer));
  });
  const slow = await at("127.18.2.3", (s) => {
    const timer = setInterval(() => s.write("y"), 50);
    s.on("close", () => clearInterval(timer));
  });
  const cx = contextFor("127.18.2.0/24", 3000);
  const started = performance.now();
  await tcpConnect.run({ address: "127.18.2.3", port: 0 }, options({ ports: [endless.port, slow.port], firstBytesMs: 300 }), cx);
  expect(performance.now() - started).toBeLessThan(1500);
  expect(cx.kept.find((e) => e.label.includes(String(endless.port)))?.bytes.length).toBe(512);
});

test("the deadline leaves the rest unmeasured, never closed", async () => {
  const silent = await at("127.18.2.4", () => undefined);
  const cx = contextFor("127.18.2.0/24", 100);
  await new Promise((r) => setTimeout(r, 150));
  const reading = await tcpConnect.run({ address: "127.18.2.4", port: 0 }, options({ ports: [silent.port] }), cx);
  expect(reading).toMatchObject({ outcome: "undetermined", fault: { code: "timeout" } });
});

test.each<[FaultCode, string]>([
  ["resource", "undetermined"],
  ["budget", "undetermined"],
  ["out-of-scope", "undetermined"],
  ["timeout", "unreachable"],
  ["unreachable", "unreachable"],
])("%s on every port: %s", async (code, outcome) => {
  const dial = fakeDial({ tcp: () => fault("connect", code) });
  const reading = await tcpConnect.run({ address: "192.0.2.1", port: 0 }, options({ ports: [80, 81] }), {
    ...contextFor("192.0.2.1", 1000),
    dial,
  });
  expect(reading).toMatchObject({ outcome, fault: { code } });
});

test("a port that could not be measured is neither closed nor covered; one that resets is open", async () => {
  const states: Record<number, FaultCode> = { 80: "refused", 81: "resource", 82: "reset", 83: "timeout" };
  const dial = fakeDial({ tcp: (_, port) => fault("connect", states[port] ?? "bug") });
  const reading = await tcpConnect.run({ address: "192.0.2.1", port: 0 }, options({ ports: [80, 81, 82, 83] }), {
    ...contextFor("192.0.2.1", 1000),
    dial,
  });
  expect(reading).toMatchObject({
    outcome: "identified",
    fault: { code: "resource" },
    result: {
      posture: {
        covered: [
          { first: 80, last: 80 },
          { first: 82, last: 83 },
        ],
        open: [{ port: 82 }],
        filtered: [{ first: 83, last: 83 }],
      },
    },
  });
});

test("ports that are never touched are not dialled though asked for", async () => {
  const dial = fakeDial({});
  await tcpConnect.run({ address: "192.0.2.1", port: 0 }, options({ ports: [80, 502, 9100] }), { ...contextFor("192.0.2.1", 1000), dial });
  expect(dial.dialled.map((d) => d.port)).toEqual([80]);
});

test("options: custom needs ports", () => {
  expect(tcpConnect.options.safeParse({ list: "custom" }).success).toBe(false);
  expect(tcpConnect.options.parse({})).toMatchObject({ list: "common", firstBytesMs: 2000 });
});
