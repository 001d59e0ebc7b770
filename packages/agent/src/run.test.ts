import { create } from "@bufbuild/protobuf";
import { HttpRootPostureSchema, HttpRootVolatileSchema, SsdpSearchPostureSchema, SsdpSearchVolatileSchema } from "@vedette/proto";
import { expect, test } from "vitest";
import { z } from "zod";
import { fault } from "./classify.ts";
import { systemClock } from "./net/clock.ts";
import { DialError } from "./net/dial.ts";
import type { Door, ProbeDial } from "./net/door.ts";
import { fakeDial } from "./net/fake-dial.ts";
import { parseScope } from "./net/scope.ts";
import type { ManyProbe, Probe } from "./probe/probe.ts";
import { EVIDENCE_BYTES, runTask, type Task } from "./run.ts";

const HTTP = { posture: create(HttpRootPostureSchema, { server: "x" }), volatile: create(HttpRootVolatileSchema) };

let closed = 0;
const prefix = parseScope({ include: ["192.0.2.0/24"] }).include[0];
if (prefix === undefined) throw new Error("no prefix");
const door: Door = {
  interfaces: [{ name: "eth7", address: "192.0.2.1", family: "IPv4", prefix, linkAddress: "" }],
  forProbe: (signal): ProbeDial =>
    Object.assign(fakeDial({}, signal), { dropped: { outOfScope: 0, overflow: 0 }, close: () => void closed++ }),
};
const parts = { door, clock: systemClock, neighbours: () => new Map([["192.0.2.7", "00:00:5e:00:53:07"]]) };
const never = new AbortController().signal;

function probe(run: Probe<"http.root", unknown>["run"], deadlineMs = 1000): Probe<"http.root", unknown> {
  return { id: "http.root", version: 4, transport: "tcp", port: 80, tier: "polite", deadlineMs, options: z.unknown(), run };
}

const task = (p: Task["probe"], more: Partial<Task> = {}): Task => ({
  probe: p,
  target: { address: "192.0.2.7", port: 80 },
  options: {},
  ...more,
});

test("a reading becomes a look of the endpoint, with interface, link address, cost and capped evidence", async () => {
  const looks = await runTask(
    task(
      probe(async (_target, _options, cx) => {
        cx.evidence("head", new Uint8Array(10_000));
        cx.evidence("page", new Uint8Array(10_000));
        cx.evidence("more", new Uint8Array(1));
        return { outcome: "identified", result: HTTP };
      }),
    ),
    parts,
    never,
  );
  expect(looks).toHaveLength(1);
  expect(looks[0]).toMatchObject({
    probe: "http.root",
    probeVersion: 4,
    subject: { kind: "endpoint", address: "192.0.2.7", transport: "tcp", port: 80 },
    interface: "eth7",
    linkAddress: "00:00:5e:00:53:07",
    outcome: "identified",
    facts: HTTP,
  });
  expect(looks[0]?.evidence.map((e) => [e.label, e.content.length, e.truncated])).toEqual([
    ["head", 10_000, false],
    ["page", EVIDENCE_BYTES - 10_000, true],
  ]);
});

test("a probe that throws is a bug of ours, and says nothing of the peer", async () => {
  const [look] = await runTask(task(probe(async () => Promise.reject(new TypeError("secret of the peer")))), parts, never);
  expect(look).toMatchObject({ outcome: "undetermined", fault: { code: "bug" } });
  expect(look?.fault?.message).not.toContain("secret");
});

test("a fault of the door that a probe lets through keeps its code", async () => {
  const [look] = await runTask(task(probe(async () => Promise.reject(new DialError(fault("connect", "out-of-scope"))))), parts, never);
  expect(look).toMatchObject({ outcome: "undetermined", fault: { code: "out-of-scope" } });
});

test("the deadline reaches the probe as its signal", async () => {
  const [look] = await runTask(
    task(
      probe(
        (_target, _options, cx) =>
          new Promise((resolve) =>
            cx.signal.addEventListener("abort", () => resolve({ outcome: "undetermined", fault: fault("response", "timeout") })),
          ),
      ),
      { deadlineMs: 30 },
    ),
    parts,
    never,
  );
  expect(look).toMatchObject({ outcome: "undetermined", fault: { code: "timeout" } });
  expect(look?.cost.durationMs).toBeLessThan(900);
});

test("a probe that does not heed its deadline is left behind, and its sockets are closed", async () => {
  const before = closed;
  const [look] = await runTask(
    task(
      probe(() => new Promise(() => {})),
      { deadlineMs: 10 },
    ),
    parts,
    never,
  );
  expect(look).toMatchObject({ outcome: "undetermined", fault: { phase: "response", code: "timeout" } });
  expect(closed).toBe(before + 1);
});

function search(runMany: ManyProbe<"ssdp.search", unknown>["runMany"]): ManyProbe<"ssdp.search", unknown> {
  return { id: "ssdp.search", version: 1, transport: "udp", port: 1900, tier: "polite", deadlineMs: 1000, options: z.unknown(), runMany };
}

test("a search gives a look for each host that it found, and its cost once", async () => {
  const found = (address: string) => ({
    subject: { kind: "host" as const, address },
    posture: create(SsdpSearchPostureSchema),
    volatile: create(SsdpSearchVolatileSchema),
    evidence: [{ label: "answer", bytes: Uint8Array.of(1) }],
  });
  const at = { target: { address: "", port: 0 } };
  const looks = await runTask(
    task(
      search(async (_t, _o, cx) => {
        await cx.dial.tcp("192.0.2.9", 1).catch(() => undefined);
        return { found: [found("192.0.2.7"), found("192.0.2.8")] };
      }),
      at,
    ),
    parts,
    never,
  );
  expect(looks.map((l) => [l.subject, l.cost.connections, l.evidence.length])).toEqual([
    [{ kind: "host", address: "192.0.2.7" }, 1, 1],
    [{ kind: "host", address: "192.0.2.8" }, 0, 1],
  ]);
  expect(
    await runTask(
      task(
        search(async () => ({ found: [] })),
        at,
      ),
      parts,
      never,
    ),
  ).toEqual([]);
  const broken = await runTask(
    task(
      search(async () => ({ found: [], fault: fault("request", "resource") })),
      at,
    ),
    parts,
    never,
  );
  expect(broken).toMatchObject([{ subject: { kind: "site" }, outcome: "undetermined", fault: { code: "resource" } }]);
});
