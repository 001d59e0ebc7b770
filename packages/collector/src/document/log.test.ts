import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { ChainError, linkDocument, readDocument, verifyChain } from "./chain.ts";
import { DocumentLog } from "./log.ts";
import { MemoryStore, MemoryStream } from "./testing/memory.ts";
import { DocumentView } from "./view.ts";

const running: DocumentLog[] = [];
async function replica(stream: MemoryStream, store: MemoryStore, faults: unknown[] = []): Promise<DocumentLog> {
  const log = new DocumentLog({
    stream,
    store,
    view: new DocumentView(),
    now: () => 1,
    onFault: (error) => faults.push(error),
    pollMs: 20,
  });
  await log.start();
  running.push(log);
  return log;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((log) => log.stop()));
});

const site = (id: string, name = id) => ({ kind: "site", id, body: { name } });
async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; !holds(); n += 1) {
    if (n > 400) throw new Error("did not come to pass");
    await sleep(5);
  }
}

describe("the document log", () => {
  it("makes one chain of what several collectors decide at once", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    const logs = await Promise.all([1, 2, 3].map(() => replica(broker, table)));
    await Promise.all(logs.flatMap((log, r) => [1, 2, 3, 4].map((n) => log.append("t", "u", () => site(`s${r}-${n}`)))));
    expect(verifyChain(await table.after("t", 0))?.seq).toBe(12);
    await until(() => logs.every((log) => log.view.list("t", "site").length === 12));
  });

  it("lets exactly one of two use up what can be used once", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    const logs = await Promise.all([replica(broker, table), replica(broker, table)]);
    const use = (log: DocumentLog, who: string) =>
      log.append("t", who, (view) => {
        if (view.get("t", "site", "once") !== null) throw new RangeError("used");
        return site("once", who);
      });
    const results = await Promise.allSettled(logs.map((log, n) => use(log, `u${n}`)));
    expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await table.after("t", 0)).toHaveLength(1);
  });

  it("resolves only when the document is in the store", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    const log = await replica(broker, table);
    const document = await log.append("t", "u", () => site("s1"));
    expect([...table.rows.values()]).toEqual([document]);
    expect(await log.append("t", "u", () => null)).toBeNull();
  });

  it("stores later what the store did not take, and says that it could not", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    const faults: unknown[] = [];
    const log = await replica(broker, table, faults);
    table.failing = 3;
    await expect(log.append("t", "u", () => site("s1"))).rejects.toMatchObject({ name: "LogUnavailableError", published: true });
    await until(() => table.rows.size === 1);
    expect(log.view.get("t", "site", "s1")?.body.name).toBe("s1");
    expect(faults.length).toBeGreaterThan(0);
  });

  it("goes on with the same chain when the broker has lost everything", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    const log = await replica(broker, table);
    await log.append("t", "u", () => site("s1"));
    broker.lose();
    await log.append("t", "u", () => site("s2"));
    const late = await replica(broker, table);
    await late.append("t", "u", () => site("s3"));
    expect(verifyChain(await table.after("t", 0))?.seq).toBe(3);
  });

  it("takes from the broker what was published but never stored", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    const lost = linkDocument("t", null, site("s1"), "u", 1);
    await broker.publish("t", lost.encoded, 0);
    const log = await replica(broker, table);
    const next = await log.append("t", "u", () => site("s2"));
    expect(next?.previous).toBe(lost.hash);
    expect(verifyChain(await table.after("t", 0))?.seq).toBe(2);
  });

  it("stops where broker and store contradict each other", async () => {
    const broker = new MemoryStream();
    const table = new MemoryStore();
    await broker.publish("t", linkDocument("t", null, site("s1"), "u", 1).encoded, 0);
    await table.insert([linkDocument("t", null, site("s2"), "u", 1)]);
    const log = await replica(broker, table);
    await expect(log.append("t", "u", () => site("s3"))).rejects.toThrow(ChainError);
  });
});

describe("the view", () => {
  it("shows the last of each, forgets what was deleted and tells of changes", () => {
    const view = new DocumentView();
    const seen: string[] = [];
    const end = view.subscribe(({ document }) => seen.push(document.id));
    const first = linkDocument("t", null, site("s1", "Old"), "u", 1);
    const second = linkDocument("t", first, site("s1", "New"), "v", 2);
    const third = linkDocument("t", second, { kind: "site", id: "s1", body: null }, "v", 3);
    expect([view.apply(first), view.apply(first), view.apply(second)]).toEqual([true, false, true]);
    expect(view.get("t", "site", "s1")).toMatchObject({ body: { name: "New" }, author: "v", seq: 2 });
    view.apply(third);
    end();
    expect(view.get("t", "site", "s1")).toBeNull();
    expect(seen).toEqual(["s1", "s1", "s1"]);
    expect(() => view.apply(readDocument(linkDocument("t", { seq: 3, hash: "00" }, site("s2"), "u", 4).encoded))).toThrow(ChainError);
  });

  it("keeps a kind that a newer version wrote in the chain, unread", () => {
    const view = new DocumentView();
    const first = linkDocument("t", null, { kind: "novelty", id: "n", body: { x: 1 } }, "u", 1);
    view.apply(first);
    view.apply(linkDocument("t", first, { kind: "site", id: "s", body: { name: "S", later: true } }, "u", 2));
    expect(view.head("t")?.seq).toBe(2);
    expect(view.list("t", "site")).toEqual([]);
  });
});
