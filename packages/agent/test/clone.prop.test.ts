/**
 * Two agents from one disk: they bear one name, so that each hears the receipts of both. Whatever happens in whatever order, what either of
 * them saw reaches the centre.
 */
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ObservationBatchSchema, Outcome, ReceiptSchema } from "@vedette/proto";
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, expect, test } from "vitest";
import { createForwarder } from "../src/forward.ts";
import { createDiskOutbox } from "../src/outbox/disk.ts";
import { RANK } from "../src/outbox/outbox.ts";
import type { BrokerHandlers, OpenBroker } from "../src/publish.ts";
import { createFakeClock, type FakeClock } from "../src/testing/fake-clock.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-clone-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = fc.oneof(
  fc.record({ kind: fc.constant("append" as const), agent: fc.nat(1), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("wait" as const), ms: fc.constantFrom(10, 60, 500, 11_000) }),
  fc.record({ kind: fc.constant("reconnect" as const), agent: fc.nat(1) }),
  fc.record({ kind: fc.constant("lose" as const), receipts: fc.integer({ min: 1, max: 3 }) }),
);

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** Stores what comes under (epoch, seq) and content, and answers every message to all who listen, as the subject of receipts does. */
function createCentre() {
  const listeners = new Set<BrokerHandlers>();
  const stored = new Map<string, Set<string>>();
  let lost = 0;

  function take(payload: Uint8Array): void {
    const { epoch, observations } = fromBinary(ObservationBatchSchema, payload);
    let conflicts = false;
    for (const { seq, interface: name } of observations) {
      const key = `${epoch}/${seq}`;
      const contents = stored.get(key) ?? new Set();
      conflicts ||= contents.size > 0 && !contents.has(name);
      stored.set(key, contents.add(name));
    }
    if (lost > 0) {
      lost--;
      return;
    }
    const range = { first: observations[0]?.seq ?? 0, last: observations.at(-1)?.seq ?? 0 };
    const message = createHash("sha256").update(payload).digest();
    const receipt = toBinary(ReceiptSchema, create(ReceiptSchema, { epoch, stored: [range], renewEpoch: conflicts, message }));
    for (const l of listeners) l.onReceipt(receipt);
  }

  return {
    open: (async (handlers) => {
      listeners.add(handlers);
      const closed = Promise.withResolvers<undefined>();
      return {
        publish: async (payload) => take(payload),
        close: async () => {
          listeners.delete(handlers);
          closed.resolve(undefined);
        },
        closed: closed.promise,
      };
    }) satisfies OpenBroker,
    reconnect: (nth: number) => [...listeners][nth]?.onReconnect(),
    lose(receipts: number) {
      lost += receipts;
    },
    names: () => new Set([...stored.values()].flatMap((contents) => [...contents])),
  };
}

function agentOn(path: string, clock: FakeClock, open: OpenBroker, ends: AbortSignal) {
  const outbox = createDiskOutbox({ path, now: () => clock.wall(), monotonic: () => clock.monotonic() });
  const parts = { clock, random: () => 0.5, agentVersion: "1", bootId: "boot", offset: () => undefined, onApplied: () => undefined };
  const forwarder = createForwarder({ ...parts, outbox, open, logger: pino({ level: "silent" }) });
  return { outbox, forwarder, running: forwarder.run(ends) };
}

function append({ outbox, forwarder }: Pick<ReturnType<typeof agentOn>, "outbox" | "forwarder">, names: readonly string[]): void {
  const told = { outcome: Outcome.IDENTIFIED, fault: "", reportedAtMs: 0, repeats: 1 };
  outbox.append(names.map((name) => ({ look: name, rank: RANK.change, draft: { probe: "http.root", interface: name }, told })));
  forwarder.wake();
}

/** The copy takes itself for the original: as where a whole running machine was copied, memory and all. */
function passAsOriginal(path: string): void {
  const { dev, ino } = statSync(path, { bigint: true });
  const db = new DatabaseSync(path);
  db.prepare("UPDATE epoch SET instance = ?").run(`/${dev}:${ino}`);
  db.close();
}

async function scene(commands: readonly Command[], isWholeMachine: boolean): Promise<void> {
  const data = mkdtempSync(join(folder, "scene-"));
  const paths = [join(data, "one.sqlite"), join(data, "two.sqlite")] as const;
  const clock = createFakeClock(1_000_000);
  const image = createDiskOutbox({ path: paths[0], now: () => clock.wall() });
  append({ outbox: image, forwarder: { wake: () => undefined, hurry: () => undefined, connected: false, run: async () => undefined } }, [
    "image 1",
    "image 2",
  ]);
  image.close();
  cpSync(paths[0], paths[1]);
  if (isWholeMachine) passAsOriginal(paths[1]);
  const centre = createCentre();
  const ends = new AbortController();
  const agents = paths.map((path) => agentOn(path, clock, centre.open, ends.signal));
  expect(agents[0]?.outbox.epoch.id === agents[1]?.outbox.epoch.id).toBe(isWholeMachine);
  const produced = new Set(["image 1", "image 2"]);
  for (const c of commands) {
    if (c.kind === "wait") await clock.advance(c.ms);
    else if (c.kind === "reconnect") centre.reconnect(c.agent);
    else if (c.kind === "lose") centre.lose(c.receipts);
    else {
      const names = Array.from({ length: c.count }, (_, i) => `agent ${c.agent}, ${produced.size + i}`);
      for (const name of names) produced.add(name);
      const agent = agents[c.agent];
      if (agent !== undefined) append(agent, names);
    }
  }
  for (let i = 0; i < 40 && agents.some((a) => a.outbox.size().depth > 0); i++) await clock.advance(30_000);
  expect(agents.map((a) => a.outbox.size().depth)).toEqual([0, 0]);
  expect(centre.names()).toEqual(produced);
  ends.abort();
  await Promise.all(agents.map((a) => a.running));
  for (const { outbox } of agents) outbox.close();
}

test("two agents of one disk image lose nothing of either", { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 20 }), (commands) => scene(commands, false)),
    { numRuns: 60 },
  ),
);

test("nor do two copies of one running machine, that share epoch and seqs until the centre tells them", { timeout: 120_000 }, () =>
  fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 20 }), (commands) => scene(commands, true)),
    { numRuns: 60 },
  ),
);
