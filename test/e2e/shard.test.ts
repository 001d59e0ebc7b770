/**
 * ClickHouse as three shards beside ClickHouse as one server: the same input gives the same answers over REST, each shard holds its part, rebuild, backup
 * and restore do over three what they do over one, and a shard that is down makes no answer a partial one, and loses nothing.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, openStore, placesOf, type Store, type StoreOptions } from "@vedette/collector/src/store/index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addClickHouses,
  batchOf,
  noProcesses,
  startWorld,
  streamObservation,
  TestAgent,
  vedette,
  type World,
  waitFor,
} from "../kit/index.ts";

const SHARDS = 3;
const AGENT = "agent-1";
const EPOCH = "5a".repeat(16);
const STEPS = 4;
const CAMERAS = 24;
/** Some minutes ago: fresh, and never later than its storage. */
const BEGAN_MS = Date.now() - 20 * 60_000;
const STEP_MS = 60_000;

let one: World;
let three: World;
let agents: ReadonlyMap<World, TestAgent>;

/** Every camera, whose stream opens and closes by turns. */
function step(n: number) {
  const looks = Array.from({ length: CAMERAS }, (_, i) => {
    const wallMs = BEGAN_MS + n * STEP_MS + i;
    const { draft } = streamObservation({ mark: `${n}/${i}`, address: `198.18.46.${i + 1}`, open: (n + i) % 2 === 0, wallMs });
    return { ...draft, seq: n * CAMERAS + i + 1 };
  });
  return batchOf(EPOCH, looks, { epochCreatedMs: BEGAN_MS - 1_000, offsetMs: 0 });
}

async function feed(world: World, n: number): Promise<void> {
  const agent = agents.get(world);
  if (agent === undefined) throw new RangeError("a world without an agent");
  const before = agent.stored(EPOCH).size;
  await agent.publish(step(n));
  await waitFor("the receipt", () => agent.stored(EPOCH).size > before, 60_000);
  await waitFor(
    "it is derived",
    async () => {
      const [row] = await world.store.query<{ isDerived: number }>(
        "SELECT (SELECT max(derived_through) FROM changeset) >= (SELECT max(stored_at) FROM observation) AS isDerived",
      );
      return row?.isDerived === 1;
    },
    60_000,
    200,
  );
}

/** Without what tells when a centre learned it, which is each centre's own. */
function timeless(value: unknown): unknown {
  const own = new Set(["knownAt", "recordedAt", "recordedat", "storedAt", "nextCursor"]);
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (own.has(key) ? undefined : inner)));
}

async function answersOf(world: World): Promise<Readonly<Record<string, unknown>>> {
  const at = new Date(BEGAN_MS + STEPS * STEP_MS).toISOString();
  const answers: Record<string, unknown> = { sites: await world.api.get("/sites"), devices: await world.api.devices() };
  for (const { id } of await world.api.devices()) {
    for (const path of [`/devices/${id}`, `/devices/${id}/assessment?at=${at}`, `/devices/${id}/timeline`, `/devices/${id}/observations`])
      answers[path] = await world.api.get(path);
  }
  answers["events"] = (await world.api.events()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return timeless(answers) as Readonly<Record<string, unknown>>;
}

/** Rows and what is in them, of each table of truth and history. */
async function contentsOf(store: Store, tables: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const contents: Record<string, unknown> = {};
  for (const table of tables) {
    const columns = table === "evidence" ? "tenant, site, observation, body" : "*";
    contents[table] = (
      await store.query(`SELECT count() AS rows, toString(sum(cityHash64(*))) AS hash FROM (SELECT DISTINCT ${columns} FROM ${table})`)
    )[0];
  }
  return contents;
}

async function countOn(options: StoreOptions, table: string): Promise<number> {
  const store = openStore(options);
  try {
    const [row] = await store.query<{ n: number }>(`SELECT count() AS n FROM ${table}`);
    return row?.n ?? 0;
  } finally {
    await store.close();
  }
}

async function shardOptions(): Promise<readonly StoreOptions[]> {
  const config = JSON.parse(await readFile(three.configFile, "utf8")) as {
    clickhouse: { url: string; passwordFile: string; cluster: string; shards: string[] };
  };
  const { url, cluster, shards, passwordFile } = config.clickhouse;
  return placesOf({ url, user: "vedette", password: await readFile(passwordFile, "utf8"), cluster, shards });
}

beforeAll(async () => {
  one = await startWorld();
  three = await startWorld({ shards: SHARDS });
  const address = (world: World) => ({ tenant: world.tenant, site: world.site, agent: AGENT });
  const entries = [one, three].map(
    async (world) => [world, new TestAgent(await world.connectAgent(address(world)), address(world))] as const,
  );
  agents = new Map(await Promise.all(entries));
});
afterAll(async () => {
  await one?.close();
  await three?.close();
});

describe("three shards", () => {
  it("answer as one server does", async () => {
    for (let n = 0; n < STEPS; n++) for (const world of [one, three]) await feed(world, n);
    const expected = await answersOf(one);
    expect((expected["devices"] as unknown[]).length).toBe(CAMERAS);
    expect(await answersOf(three)).toEqual(expected);
  });

  it("share the rows among them", async () => {
    for (const table of ["belief", "state", "summary", "device", "event"]) {
      const counts = await Promise.all((await shardOptions()).map((options) => countOn(options, table)));
      expect([table, counts.length, counts.every((n) => n > 0)]).toEqual([table, SHARDS, true]);
    }
  });

  it("find nothing to correct when everything is derived anew", async () => {
    const { status, stdout } = await vedette(["collector", "rebuild", "--config", three.configFile, "--json"]);
    expect([status, JSON.parse(stdout)]).toEqual([0, { sites: 1, devices: CAMERAS, rows: 0 }]);
  });

  it("are backed up and restored, each its part", async () => {
    const folder = await mkdtemp(join(tmpdir(), "vedette-shard-"));
    const fresh = noProcesses();
    try {
      const kept = join(folder, "kept");
      const exchange = (base: string) => [1, 2, 3].map((n) => join(base, `clickhouse-${n}`, "backup")).join(",");
      await three.stop("collector");
      const taken = await vedette([
        "collector",
        "backup",
        "--config",
        three.configFile,
        "--to",
        kept,
        "--server-backups",
        exchange(three.folder),
      ]);
      expect([taken.status, taken.stderr]).toEqual([0, expect.stringContaining("tables")]);
      const config = JSON.parse(await readFile(three.configFile, "utf8")) as { clickhouse: { passwordFile: string } };
      const password = await readFile(config.clickhouse.passwordFile, "utf8");
      const there = await addClickHouses(fresh, { folder, count: SHARDS, password, logger: three.logger });
      const { url, cluster, shards } = there;
      const configFile = join(folder, "collector.yaml");
      const data = join(folder, "data");
      await writeFile(configFile, JSON.stringify({ ...config, data, clickhouse: { ...config.clickhouse, url, cluster, shards } }));
      const restored = await vedette([
        "collector",
        "restore",
        "--from",
        kept,
        "--config",
        configFile,
        "--server-backups",
        exchange(folder),
      ]);
      expect([restored.status, restored.stderr]).toEqual([0, expect.stringContaining("verified")]);
      const again = openStore(there);
      try {
        await migrate(there);
        const tables = [
          "observation",
          "fact",
          "epoch",
          "document",
          "changeset",
          "era",
          "belief",
          "device",
          "identifier",
          "event",
          "evidence",
        ];
        expect(await contentsOf(again, tables)).toEqual(await contentsOf(three.store, tables));
      } finally {
        await again.close();
      }
    } finally {
      await fresh.stopAll();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("give no partial answer while one of them is down", async () => {
    await three.start("collector");
    await waitFor("the collector answers", () => three.api.ready(), 30_000, 250);
    await three.kill("clickhouse-3");
    await expect(three.api.devices()).rejects.toThrow(/: 503 /);
    expect(await three.api.ready()).toBe(false);
  });

  it("go on when it is back, with the same collector", async () => {
    const collector = three.pid("collector");
    // An embedded server may end when another one's connection breaks off (docs/storage.md): whoever is gone is started, as a supervisor does.
    const revive = async () => {
      for (const part of three.parts) await three.start(part);
      return three.api.ready();
    };
    await waitFor("every shard answers", revive, 60_000, 500);
    for (const world of [one, three]) await feed(world, STEPS);
    expect(await answersOf(three)).toEqual(await answersOf(one));
    expect(three.pid("collector")).toBe(collector);
  });
});
