/** What was refused is kept, can be looked at, fed again through ingest's own path, and dropped on the record: on a real store, by the command line. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ingest } from "@vedette/collector/src/ingest/index.ts";
import { insertQuarantine, quarantineId, readCompact } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  batchHeaders,
  batchOf,
  freePort,
  gather,
  httpObservation,
  newEpoch,
  startTestStack,
  TestAgent,
  type TestStack,
  vedette,
} from "../kit/index.ts";

interface Item {
  readonly id: string;
  readonly tenant: string;
  readonly agent: string;
  readonly first: number;
  readonly last: number;
  readonly reason: string;
  readonly bytes: number;
  readonly ageSeconds: number;
}

const POISON = Buffer.from("not a batch at all, whatever it says");

let stack: TestStack;
let ingest: Ingest;
let config: string;

beforeAll(async () => {
  stack = await startTestStack({ tenants: ["demo", "other"] });
  ingest = new Ingest({ store: stack.store, logger: stack.logger });
  for (const tenant of ["demo", "other"]) await ingest.addTenant(tenant, await stack.connectTenant(tenant));
  config = await configFile("collector.json", stack.storeOptions.url);
});
afterAll(async () => {
  await ingest.stop(1_000);
  await stack.stop();
});

/** Every JSON is YAML. */
async function configFile(name: string, url: string): Promise<string> {
  const passwordFile = join(stack.folder, "password");
  await writeFile(passwordFile, stack.storeOptions.password, { mode: 0o600 });
  const file = join(stack.folder, name);
  await writeFile(file, JSON.stringify({ data: stack.folder, nats: { url: stack.natsUrls[0] }, clickhouse: { url, passwordFile } }));
  return file;
}

const quarantine = (command: string, ...args: string[]) => vedette(["collector", "quarantine", command, "--config", config, ...args]);

async function listed(...args: string[]): Promise<Item[]> {
  const { status, stdout, stderr } = await quarantine("list", "--json", ...args);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return (JSON.parse(stdout) as { items: Item[] }).items;
}

async function sendPoison(tenant: string, agent: string, epoch: string): Promise<void> {
  const address = { tenant, site: "site-1", agent };
  const sender = new TestAgent(await stack.connectAgent(address), address);
  await sender.publish({ epoch, first: 1, last: 3, bytes: POISON, headers: batchHeaders(epoch, 1, 3) });
  await sender.receipt(0);
}

async function storedSeqs(epoch: string): Promise<number[]> {
  return (await gather(readCompact(stack.store, "demo", "site-1")))
    .filter((o) => o.epoch === epoch)
    .map((o) => o.seq)
    .sort((a, b) => a - b);
}

/** As a collector left it that did not know the probe yet: today the message would be taken. */
async function leftByOlderCollector(epoch: string): Promise<string> {
  const { bytes } = batchOf(
    epoch,
    [1, 2, 3].map((n) => httpObservation(n)),
  );
  const entry = { tenant: "demo", site: "site-1", agent: "a-newer", reason: "some refused: probe is not known" };
  await insertQuarantine(stack.store, [{ ...entry, epoch, first: 1, last: 3, message: bytes, storedAt: Date.now() - 3_600_000 }]);
  return quarantineId(entry.tenant, entry.agent, entry.reason, bytes);
}

describe("quarantine", () => {
  const epoch = newEpoch();

  it("lists what was refused, with reason, agent, seqs and age, of all tenants or one", async () => {
    expect(await listed()).toEqual([]);
    await sendPoison("demo", "a-poison", epoch);
    await sendPoison("other", "b-poison", newEpoch());
    const items = await listed();
    expect(items.map((i) => [i.tenant, i.agent, i.first, i.last, i.bytes]).sort()).toEqual([
      ["demo", "a-poison", 1, 3, POISON.length],
      ["other", "b-poison", 1, 3, POISON.length],
    ]);
    expect(items.every((i) => i.reason === "the message is not an ObservationBatch" && i.ageSeconds < 60)).toBe(true);
    expect((await listed("--tenant", "other")).map((i) => i.agent)).toEqual(["b-poison"]);
    const { stdout } = await quarantine("list");
    expect(stdout).toMatch(/demo\/site-1\/a-poison {2}seq 1 to 3 {2}\d+ s old {2}the message is not an ObservationBatch/);
  });

  it("shows a message in hex where it does not decode", async () => {
    const [poison] = await listed("--tenant", "demo");
    const { status, stdout } = await quarantine("show", poison?.id ?? "", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      batch: null,
      problem: "the message is not an ObservationBatch",
      hex: POISON.toString("hex"),
    });
  });

  it("takes a message in again, once and twice alike, and then lists it no more", async () => {
    const own = newEpoch();
    const id = await leftByOlderCollector(own);
    expect((await listed("--tenant", "demo"))[0]).toMatchObject({ id, agent: "a-newer", ageSeconds: expect.closeTo(3_600, -2) });
    const shown = JSON.parse((await quarantine("show", id, "--json")).stdout) as { batch: { observations: unknown[] }; accepted: number[] };
    expect(shown.accepted).toEqual([1, 2, 3]);
    expect(shown.batch.observations).toHaveLength(3);
    expect(await storedSeqs(own)).toEqual([]);
    for (const _ of [1, 2]) {
      const { status, stdout } = await quarantine("requeue", id, "--json", "--why", "the probe is known now");
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ items: [{ id, stored: 3, refused: [] }] });
      expect(await storedSeqs(own)).toEqual([1, 2, 3]);
    }
    expect((await listed()).map((i) => i.id)).not.toContain(id);
  });

  it("keeps what is refused again, and says so", async () => {
    const before = (await listed()).map((i) => i.id).sort();
    const { status, stderr } = await quarantine("requeue", "--all");
    expect(status).toBe(1);
    expect(stderr).toMatch(/0 stored, 3 refused again: the message is not an ObservationBatch/);
    expect((await listed()).map((i) => i.id).sort()).toEqual(before);
  });

  it("drops nothing without --yes and a reason", async () => {
    const [poison] = await listed("--tenant", "demo");
    const bare = await quarantine("drop", poison?.id ?? "", "--why", "hostile");
    expect([bare.status, bare.stderr]).toEqual([2, expect.stringMatching(/^vedette: drop: .* would be removed for good; add --yes/)]);
    const mute = await quarantine("drop", poison?.id ?? "", "--yes");
    expect([mute.status, mute.stderr]).toEqual([2, expect.stringMatching(/^vedette: --why: is missing/)]);
    expect((await listed("--tenant", "demo")).map((i) => i.id)).toEqual([poison?.id]);
  });

  it("drops a message and keeps who, when, why and what it was", async () => {
    const [poison] = await listed("--tenant", "demo");
    const id = poison?.id ?? "";
    const { status } = await quarantine("drop", id, "--yes", "--why", "sent by a broken build", "--by", "site engineer");
    expect(status).toBe(0);
    expect(await listed("--tenant", "demo")).toEqual([]);
    expect(await stack.store.query("SELECT count() AS n FROM quarantine WHERE id = {id:String}", { id })).toEqual([{ n: 0 }]);
    const kept = await stack.store.query("SELECT * FROM quarantine_decision WHERE id = {id:String} AND action = 'dropped'", { id });
    expect(kept).toMatchObject([
      {
        tenant: "demo",
        agent: "a-poison",
        epoch,
        first: 1,
        last: 3,
        bytes: POISON.length,
        author: "site engineer",
        why: "sent by a broken build",
      },
    ]);
    const again = await quarantine("drop", id, "--yes", "--why", "again");
    expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/no such message is in quarantine; list shows those that are/)]);
  });

  it("opens again what an agent sends again after it was dropped", async () => {
    await sendPoison("demo", "a-again", epoch);
    const [first] = await listed("--tenant", "demo");
    await quarantine("drop", first?.id ?? "", "--yes", "--why", "once");
    await sendPoison("demo", "a-again", epoch);
    expect((await listed("--tenant", "demo")).map((i) => i.id)).toEqual([first?.id]);
  });

  it.each([
    ["an id that is none", () => quarantine("show", "../x"), 2, /is no id of a message in quarantine/],
    ["requeue without id", () => quarantine("requeue"), 2, /requeue: give the id of one message, or --all/],
  ])("refuses %s", async (_name, run, status, sentence) => {
    const done = await run();
    expect([done.status, done.stderr]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it("says which store does not answer", async () => {
    const dead = await configFile("dead.json", `http://127.0.0.1:${await freePort()}`);
    const done = await vedette(["collector", "quarantine", "list", "--config", dead]);
    expect([done.status, done.stderr]).toEqual([3, expect.stringMatching(/^vedette: clickhouse\.url: \S+ does not answer/)]);
  });
});
