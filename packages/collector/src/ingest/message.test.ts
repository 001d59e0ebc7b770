/** What is told to the agent and to the broker, and when: never before it is on the disk. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  encodeFacts,
  HEADER,
  HttpRootPostureSchema,
  HttpRootVolatileSchema,
  ObservationBatchSchema,
  Outcome,
  ReceiptSchema,
  Tier,
} from "@vedette/proto";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { Store } from "../store/client.ts";
import { AgentLedger } from "./agent-ledger.ts";
import { Inserter } from "./inserter.ts";
import { type Delivered, MessageHandler } from "./message.ts";

const EPOCH = "0123456789abcdef0123456789abcdef";
const SUBJECT = "obs.v1.t.s.a";
const NOW = 1.75e12;

function batch(...probes: readonly string[]): Uint8Array {
  const facts = encodeFacts("http.root", create(HttpRootPostureSchema, { status: 200 }), create(HttpRootVolatileSchema));
  const observations = probes.map((probe, i) => ({
    seq: i + 1,
    probe,
    probeVersion: 1,
    tier: Tier.POLITE,
    subject: { kind: { case: "endpoint" as const, value: { address: "127.18.0.4", transport: "tcp", port: 80 } } },
    interface: "eth0",
    wallMs: NOW,
    monotonicMs: 5,
    outcome: Outcome.IDENTIFIED,
    intervalMs: 60_000,
    body: { case: "facts" as const, value: facts },
  }));
  const clock = { wallMs: NOW, monotonicMs: 5, bootId: "b", offsetMs: 1, uncertaintyMs: 1 };
  return toBinary(
    ObservationBatchSchema,
    create(ObservationBatchSchema, { epoch: EPOCH, epochCreatedMs: NOW - 1_000, agentVersion: "1", clock, observations }),
  );
}

/** A write that has begun and is not confirmed until the test says so. */
interface Write {
  readonly table: string;
  readonly confirm: () => void;
  readonly refuse: (error: Error) => void;
}

/** A handler whose store holds every write back; what it tells stands in `told`, in order. */
function setup() {
  const writes: Write[] = [];
  const told: string[] = [];
  const hold = (table: string) => new Promise<void>((confirm, refuse) => writes.push({ table, confirm, refuse }));
  const store = {
    query: async () => [],
    insert: (table: string) => (table === "epoch" ? Promise.resolve() : hold(table)),
  } as unknown as Store;
  const inserter = new Inserter({
    now: () => NOW,
    sink: { insert: () => hold("observation"), isBadRow: () => false },
    onStored: () => undefined,
    onFailed: () => undefined,
    maxAgeMs: 0,
    firstDelayMs: 1,
  });
  const handler = new MessageHandler({
    store,
    inserter,
    ledger: new AgentLedger(store, () => NOW),
    logger: pino({ level: "silent" }),
    now: () => NOW,
    onRefused: () => undefined,
  });
  const handle = (data: Uint8Array) => {
    const claim: Record<string, string> = { [HEADER.epoch]: EPOCH, [HEADER.first]: "1", [HEADER.last]: "2" };
    const message: Delivered = {
      subject: SUBJECT,
      data,
      headers: { get: (name) => claim[name] ?? "" },
      ack: () => told.push("ack"),
      term: () => told.push("term"),
    };
    return handler.handle("t", message, (_subject, bytes) => {
      const { stored, rejected } = fromBinary(ReceiptSchema, bytes);
      const ranges = (list: readonly { first: number; last: number }[]) => list.map(({ first, last }) => `${first}-${last}`).join(",");
      told.push(`stored ${ranges(stored)} rejected ${ranges(rejected.flatMap(({ range }) => range ?? []))}`);
    });
  };
  /** The next write that begins, once everything that can go on without it has gone on. */
  const begun = async (table: string): Promise<Write> => {
    await expect.poll(() => writes.at(-1)?.table).toBe(table);
    await new Promise((resolve) => setTimeout(resolve, 5));
    return writes.pop() as Write;
  };
  return { handle, told, begun, inserter };
}

describe("a message", () => {
  it("is acknowledged and receipted when its rows are on the disk, not before", async () => {
    const { handle, told, begun } = setup();
    const done = handle(batch("http.root", "http.root"));
    const insert = await begun("observation");
    expect(told).toEqual([]);
    insert.confirm();
    await done;
    expect(told).toEqual(["ack", "stored 1-2 rejected "]);
  });

  it("of which something is refused is so only when that lies in quarantine as well", async () => {
    const { handle, told, begun } = setup();
    const done = handle(batch("http.root", "no.such"));
    (await begun("observation")).confirm();
    const quarantine = await begun("quarantine");
    expect(told).toEqual([]);
    quarantine.confirm();
    await done;
    expect(told).toEqual(["ack", "stored 1-1 rejected 2-2"]);
  });

  it("that is refused whole is told so when it lies in quarantine, not before", async () => {
    const { handle, told, begun } = setup();
    const done = handle(Buffer.from("no batch at all"));
    const quarantine = await begun("quarantine");
    expect(told).toEqual([]);
    quarantine.confirm();
    await done;
    expect(told).toEqual(["term", "stored  rejected 1-2"]);
  });

  it("that could not be stored is left to be delivered again, with no receipt", async () => {
    const { handle, told, begun, inserter } = setup();
    const failed = expect(handle(batch("http.root", "http.root"))).rejects.toThrow("closed");
    const insert = await begun("observation");
    const closed = inserter.close();
    insert.refuse(new Error("no answer"));
    await Promise.all([failed, closed]);
    expect(told).toEqual([]);
    const poison = expect(handle(Buffer.from("no batch at all"))).rejects.toThrow("no answer");
    (await begun("quarantine")).refuse(new Error("no answer"));
    await poison;
    expect(told).toEqual([]);
  });
});
