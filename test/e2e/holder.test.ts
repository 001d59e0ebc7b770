/** A bucket's holder on real engines, by a clock that the test sets: what time alone changes, what the sweep finds, what leaves memory, and what the era refuses. */
import type { Decisions } from "@vedette/collector/src/derive/index.ts";
import { FencedError } from "@vedette/collector/src/log/publish.ts";
import type { Parameters } from "@vedette/collector/src/store/client.ts";
import { readBeliefs, readEvents, readSummaries, type Store } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardObservation, HeldSite, startTestStack, type TestStack } from "../kit/index.ts";

const T0 = Date.UTC(2026, 2, 3, 8);
const HOUR = 3_600_000;
const NEVER_CLOSE = Number.POSITIVE_INFINITY;
const HOST = "198.18.0.10";

let stack: TestStack;
let bucket = 0;

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.stop());

/** A host without an identifier is waited for so long, ms. */
const SETTLED_MS = 5_000;

/** A site with one host that was seen at T0, Telnet open, derived. */
async function seen() {
  const site = await HeldSite.make(stack, ++bucket, T0);
  await site.stored([guardObservation(HOST, true, T0)]);
  site.now = T0 + SETTLED_MS;
  const holder = site.holder();
  await holder.open();
  while (await holder.step(NEVER_CLOSE));
  const beliefs = (knownAt?: number) =>
    readBeliefs(stack.store, "demo", site.ref.site, { retracted: true, ...(knownAt === undefined ? {} : { knownAt }) });
  const events = () => readEvents(stack.store, "demo", { sites: [site.ref.site], limit: 100 });
  const step = (at: number) => {
    site.now = at;
    return holder.step(NEVER_CLOSE);
  };
  /** Stored, and read as what a site was touched by. */
  const store = async (at: number, telnet: boolean, wallMs: number) => {
    site.now = at;
    await site.stored([guardObservation(HOST, telnet, wallMs)]);
    await holder.read(site.ref);
  };
  return { site, holder, beliefs, events, step, store };
}

describe("time alone", () => {
  it("makes the end of evidence a row of its own, at three intervals; what comes late and covers the gap takes it back", async () => {
    const { site, beliefs, step, store, events } = await seen();
    const failing = (await beliefs()).filter((b) => b.status === "fail").map((b) => b.clause);
    expect(failing.length).toBeGreaterThan(0);
    const expired = async () => (await beliefs()).filter((b) => b.cause === "expiry" && b.status !== "retracted").map((b) => b.from);
    // guardObservation states an interval of an hour.
    await step(T0 + 3 * HOUR - 1);
    expect(await expired()).toEqual([]);
    expect(await step(T0 + 3 * HOUR + 1)).toBe(true);
    expect(new Set(await expired())).toEqual(new Set([T0 + 3 * HOUR]));
    const told = (await events()).filter((e) => e.body.includes("evidence-expired") || e.body.includes("agent-silent"));
    expect(told.length).toBe(1);
    const knownAt = site.now + 1;
    const before = await beliefs(knownAt);

    await store(T0 + 5 * HOUR, true, T0 + 2 * HOUR);
    expect(await step(T0 + 5 * HOUR + 1)).toBe(true);
    expect(new Set(await expired())).toEqual(new Set([T0 + 5 * HOUR]));
    expect(await beliefs(knownAt)).toEqual(before);
  });
});

describe("a site that has gone cold", () => {
  it("leaves memory, and is there again for time, for a decision and for what comes", async () => {
    const { site, holder, step, store } = await seen();
    const settle = async (at: number) => {
      while (await step(at));
      return holder.observations;
    };
    expect(holder.observations).toBe(1);
    expect(await settle(T0 + 30 * HOUR)).toBe(0);
    expect(holder.devices).toBe(1);

    const names = async () =>
      (await readSummaries(stack.store, "demo", { sites: [site.ref.site], limit: 10 })).map((s) => [s.device, s.name]);
    const [device = ""] = (await names())[0] ?? [];
    site.decisions = { ...site.decisions, names: [{ device, name: "Door" }], attestations: [attested(device, T0 + 60 * HOUR)] };
    holder.decided(site.ref);
    expect(await step(T0 + 31 * HOUR)).toBe(true);
    expect(await settle(T0 + 32 * HOUR)).toBe(0);

    const rows = async () => (await readBeliefs(stack.store, "demo", site.ref.site, { retracted: true })).length;
    const known = await rows();
    expect(await settle(T0 + 59 * HOUR)).toBe(0);
    expect(await rows()).toBe(known);
    // The attestation begins: due by time alone.
    expect(await step(T0 + 60 * HOUR + 1)).toBe(true);
    expect(await rows()).toBeGreaterThan(known);
    expect(await settle(T0 + 61 * HOUR)).toBe(0);

    await store(T0 + 70 * HOUR, false, T0 + 70 * HOUR);
    expect(await step(T0 + 70 * HOUR + 1)).toBe(true);
    expect(holder.observations).toBe(2);
  });
});

function attested(device: string, validFrom: number): Decisions["attestations"][number] {
  const document = { author: "an auditor", documentHash: "0".repeat(64), recordedAt: T0 };
  return { id: "t", clauses: ["5.1.1.1"], target: { device }, result: "pass", ...document, validFrom, expires: validFrom + 100 * HOUR };
}

describe("the sweep", () => {
  it("finds nothing to correct in what was derived, nor in what was decided meanwhile", async () => {
    const { site, holder, beliefs } = await seen();
    expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
    const known = await beliefs();
    const device = known[0]?.device ?? "";
    site.decisions = { ...site.decisions, attestations: [attested(device, T0)] };
    holder.decided(site.ref);
    expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
    expect(await beliefs()).not.toEqual(known);
  });

  it("finds what was never read, though it was stored long ago", async () => {
    const { site, holder, store } = await seen();
    await store(T0 + HOUR, true, T0 + HOUR);
    while (await holder.step(NEVER_CLOSE));
    // By a collector whose clock is behind: nobody looks for storage times so early.
    site.now = T0 + HOUR / 2;
    await site.stored([guardObservation(HOST, false, T0 + 2 * SETTLED_MS)]);
    site.now = T0 + 2 * HOUR;
    const { corrections } = await holder.sweep(site.ref);
    expect(corrections).toBeGreaterThan(0);
    expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
  });

  it("finds what was falsified, corrects it, and says so by one event that stays", async () => {
    const { site, holder, beliefs, events, step, store } = await seen();
    const right = await beliefs();
    const recorded = new Date(site.now + 1_000).toISOString();
    await stack.store.command(
      `INSERT INTO belief SELECT * REPLACE('pass' AS status, {recorded:DateTime64(3, 'UTC')} AS recorded_at)
       FROM (SELECT * FROM belief WHERE site = {site:String} AND status = 'fail')`,
      { site: site.ref.site, recorded: new Date(recorded) },
    );
    expect((await beliefs()).filter((b) => b.status === "fail")).toEqual([]);
    site.now += 5_000;
    const { corrections } = await holder.sweep(site.ref);
    expect(corrections).toBe(right.filter((b) => b.status === "fail").length);
    const what = (list: Awaited<ReturnType<typeof beliefs>>) =>
      list.map(({ clause, from, status, code }) => ({ clause, from, status, code }));
    expect(what(await beliefs())).toEqual(what(right));
    const told = async () => (await events()).filter((e) => e.body.includes("sweep-corrected")).length;
    expect(await told()).toBe(1);
    expect(await holder.sweep(site.ref)).toEqual({ devices: 1, corrections: 0 });
    await store(site.now, false, site.now);
    expect(await step(site.now + 1)).toBe(true);
    expect((await events()).filter((e) => e.body.includes("event-withdrawn"))).toEqual([]);
    expect(await told()).toBe(1);
  });
});

describe("a log that stands", () => {
  it("takes one of two holders of a bucket: the other changes nothing, and goes on from what the first has done", async () => {
    const { site, holder: slower, events, beliefs } = await seen();
    const faster = site.holder();
    await faster.open();
    site.now += 60_000;
    await site.stored([guardObservation(HOST, false, site.now)]);
    site.now += 1_000;
    for (const holder of [faster, slower]) await holder.read(site.ref);
    expect(await faster.step(NEVER_CLOSE)).toBe(true);
    const [told, held] = [await events(), await beliefs()];
    // Later, or it would publish the very same, which is no other.
    site.now += 5;
    await expect(slower.step(NEVER_CLOSE)).rejects.toMatchObject({ name: "FencedError", subject: `chg.v1.${site.bucket}` });
    expect([await events(), await beliefs()]).toEqual([told, held]);
    await slower.open();
    await slower.read(site.ref);
    while (await slower.step(NEVER_CLOSE));
    expect([await events(), await beliefs()]).toEqual([told, held]);
    expect(new Set(told.map((e) => e.id)).size).toBe(told.length);
  });

  it("is applied by the next holder where the last one died after it had published, at the same time of recording", async () => {
    const { site, events, beliefs } = await seen();
    const dies = new Error("dead");
    let isDead = false;
    const dead = site.holder({
      atStep(point) {
        if (isDead && point === "before apply") throw dies;
      },
    });
    await dead.open();
    site.now += 60_000;
    await site.stored([guardObservation(HOST, false, site.now)]);
    site.now += 1_000;
    const published = site.now;
    await dead.read(site.ref);
    const before = await beliefs();
    isDead = true;
    await expect(dead.step(NEVER_CLOSE)).rejects.toBe(dies);
    // What is published is not visible before it is applied, and nothing more is derived on it by who does not know.
    expect(await beliefs()).toEqual(before);
    await expect(dead.sweep(site.ref)).rejects.toBeInstanceOf(FencedError);
    site.now += 10_000;
    const next = site.holder();
    await next.open();
    expect(next.closedAt).toBe(published);
    const changed = (await beliefs()).filter((b) => b.recordedAt === published);
    expect(changed.length).toBeGreaterThan(0);
    expect((await events()).filter((e) => e.recordedAt === published).length).toBeGreaterThan(0);
    while (await next.step(NEVER_CLOSE));
    expect((await beliefs()).filter((b) => b.recordedAt === published)).toEqual(changed);
  });

  it("bears times of recording that rise, whatever the clock does", async () => {
    const { site, holder } = await seen();
    const closedAt = holder.closedAt ?? 0;
    site.now = closedAt - 3 * HOUR;
    holder.noteRead(Number.POSITIVE_INFINITY);
    await holder.step(Number.NEGATIVE_INFINITY);
    expect(holder.closedAt).toBe(closedAt + 1);
    await holder.step(Number.NEGATIVE_INFINITY);
    expect(holder.closedAt).toBe(closedAt + 2);
  });
});

describe("a log that was lost", () => {
  it.each([
    ["lost", (site: HeldSite) => site.deleteLog()],
    ["put back", (site: HeldSite) => site.rollBackLog()],
  ])(
    "is never taken for the one before where it was %s: who stood still since before another took its place shows nothing",
    async (_how, lose) => {
      const { store } = stack;
      const site = await HeldSite.make(stack, ++bucket, T0);
      const { ref } = site;
      const known = () => readBeliefs(store, "demo", ref.site, { retracted: true });
      // Its first message is the first of its log, as that of the log after it will be.
      await lose(site);
      await site.stored([guardObservation(HOST, true, T0)]);
      site.now = T0 + SETTLED_MS;
      const late = site.holder();
      await late.open();
      await site.stored([guardObservation(HOST, false, site.now)]);
      site.now += 1_000;
      await late.read(ref);
      const other = site.holder();
      await other.open();
      await other.read(ref);
      while (await other.step(NEVER_CLOSE));
      await lose(site);
      site.now += 10_000;
      const next = site.holder();
      await next.open();
      const [closedAt, before] = [next.closedAt ?? 0, await known()];
      // Derived before it stood still, and as late as it goes on: neither shows.
      for (const at of [closedAt - 5_000, closedAt + 60_000]) {
        site.now = at;
        await expect(late.step(NEVER_CLOSE)).rejects.toBeInstanceOf(FencedError);
        late.decided(ref);
        expect(await known()).toEqual(before);
      }
    },
  );

  it.each([
    ["where the bucket stands", /FROM changeset\s+WHERE bucket IN/],
    ["what to do", /^INSERT INTO era/],
  ])("is followed by no era that would end before what was applied since it was seen %s", async (_what, statement) => {
    const { site, beliefs } = await seen();
    const { store } = stack;
    // One is about to apply what it published ...
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow: Store = {
      ...store,
      async insert(table, rows) {
        begun.resolve();
        await gate.promise;
        return store.insert(table, rows);
      },
    };
    const applying = site.holder({ store: slow });
    await applying.open();
    site.now += 60_000;
    await site.stored([guardObservation(HOST, false, site.now)]);
    await applying.read(site.ref);
    const applied = applying.step(NEVER_CLOSE);
    await begun.promise;
    await site.deleteLog();
    // ... and does so while another looks at what is left.
    const meanwhile = async () => {
      gate.resolve();
      await applied;
    };
    const looking: Store = {
      ...store,
      async query<Row>(sql: string, parameters?: Parameters) {
        const rows = await store.query<Row>(sql, parameters);
        if (statement.test(sql)) await meanwhile();
        return rows;
      },
      async command(sql, parameters) {
        if (statement.test(sql)) await meanwhile();
        return store.command(sql, parameters);
      },
    };
    const opening = site.holder({ store: looking });
    site.now += 1_000;
    await expect(opening.open()).rejects.toBeInstanceOf(FencedError);
    expect(await applied).toBe(true);
    const [closedAt, known] = [applying.closedAt ?? 0, await beliefs()];
    expect(known.some((b) => b.recordedAt === closedAt)).toBe(true);
    await opening.open();
    expect(opening.closedAt).toBeGreaterThan(closedAt);
    expect(await beliefs(closedAt)).toEqual(known);
  });

  it("whose sequences repeat lets a late holder publish under its old one, and the era keeps it from ever showing", async () => {
    const { site, holder: late, beliefs, events } = await seen();
    await site.rollBackLog();
    const next = site.holder();
    await next.open();
    await site.rollBackLog();
    const again = site.holder();
    await again.open();
    site.now += 60_000;
    const known = site.now - 1;
    const [before, told] = [await beliefs(known), await events()];
    await site.stored([guardObservation(HOST, false, site.now)]);
    site.now += 1_000;
    await next.read(site.ref);
    // Its expectation is met by chance: the broker takes it, the store does not.
    await expect(next.step(NEVER_CLOSE)).rejects.toMatchObject({ name: "FencedError", subject: expect.stringContaining("era") });
    expect(await beliefs()).toEqual(before);
    expect(await events()).toEqual(told);
    await late.read(site.ref);
    await expect(late.step(NEVER_CLOSE)).rejects.toBeInstanceOf(FencedError);

    await again.read(site.ref);
    await expect(again.step(NEVER_CLOSE)).rejects.toBeInstanceOf(FencedError);
    await again.open();
    while (await again.step(NEVER_CLOSE));
    expect((await events()).length).toBeGreaterThan(told.length);
    expect(await beliefs(known)).toEqual(before);
  });
});
