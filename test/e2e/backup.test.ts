/** A backup of a running installation, the loss of its whole data folder with the broker's store, and the restore: the same answers. */
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { note, type RunningUp, removeFolder, startUp, vedette, waitFor } from "../kit/index.ts";

const BIND = "127.44.0.0/24";
const ROUND_MS = 90_000;

interface Report {
  readonly schema: number;
  readonly files: number;
  readonly bytes: number;
}

interface Contents {
  readonly format: number;
  readonly files: readonly { path: string }[];
  readonly tables: { readonly whole: readonly string[]; readonly definition: readonly string[] };
}

interface AgentItem {
  readonly state: string;
}

let up: RunningUp;
let folder: string;
let kept: string;
/** Paths with their very bytes. */
const answers = new Map<string, string>();
let ids: readonly string[];

const config = () => join(up.data, "run", "collector.yaml");
const backup = (to: string) => vedette(["collector", "backup", "--config", config(), "--to", to, "--json"]);
const restore = (from: string) => vedette(["collector", "restore", "--from", from, "--json"]);

async function contentsOf(from: string): Promise<Contents> {
  return (JSON.parse(await readFile(join(from, "manifest.json"), "utf8")) as { contents: Contents }).contents;
}

/** A copy of the backup with something wrong in it. */
async function spoilt(name: string, spoil: (copy: string) => Promise<void>): Promise<string> {
  const copy = join(folder, name);
  await cp(kept, copy, { recursive: true });
  await spoil(copy);
  return copy;
}

async function replaceIn(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, "utf8");
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-backup-"));
  kept = join(folder, "kept");
  up = await startUp({ bind: BIND, driftDelay: 30, driftEvery: 600 });
});
afterAll(async () => {
  await up?.stop();
  await removeFolder(up.data);
  await rm(folder, { recursive: true, force: true });
});

describe("a backup", () => {
  it("is taken while everything runs, and the collector goes on", async () => {
    // What appears is found one by one; the script's first drift is the first change of what was known.
    const changed = async () => (await up.api.events()).some((e) => e.type.endsWith(".drift") && e.data.change !== "device-appeared");
    await waitFor("a drift is told", changed, ROUND_MS, 1_000);
    ids = (await up.api.devices()).map((d) => d.id);
    for (const id of ids) {
      const { knownAt } = await up.api.assessment(id);
      for (const path of [`/devices/${id}/assessment?knownAt=${knownAt}`, `/devices/${id}/timeline?knownAt=${knownAt}`])
        answers.set(path, await up.api.text(path));
    }
    expect(ids.length).toBeGreaterThan(3);
    const began = performance.now();
    const done = await backup(kept);
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const report = JSON.parse(done.stdout) as Report;
    note(`backup: ${report.files} files, ${report.bytes} bytes in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    expect(await up.api.ready()).toBe(true);
    expect(await readdir(join(up.data, "clickhouse", "backup"))).toEqual([]);
  });

  it("holds truth, history and keys, and of the present the definition alone", async () => {
    const { tables, files } = await contentsOf(kept);
    expect(tables.whole).toEqual(
      expect.arrayContaining(["observation", "fact", "confirmed", "document", "belief", "event", "era", "changeset"]),
    );
    expect(tables.definition).toEqual(
      expect.arrayContaining(["state", "summary", "bss", "fact_from_observation", "confirmed_from_observation"]),
    );
    const paths = files.map((f) => f.path);
    expect(paths).toEqual(
      expect.arrayContaining(["instance.json", "collector.yaml", "keys/authority.key.pem", "keys/policy.pem", "keys/sealing/1.key"]),
    );
    expect(paths.filter((p) => p.startsWith("tables/state/data/") || p.startsWith("nats/"))).toEqual([]);
  });

  it("overwrites nothing", async () => {
    const again = await backup(kept);
    expect([again.status, again.stderr]).toEqual([
      2,
      expect.stringMatching(/^vedette: --to: \S+ holds something already; give a new folder/),
    ]);
  });

  it("is taken of a stopped installation too, into one file", async () => {
    expect((await up.stop()).status).toBe(0);
    const done = await backup(join(folder, "kept.tar"));
    expect([done.status, done.stderr]).toEqual([0, ""]);
    expect((await readdir(folder)).sort()).toEqual(["kept", "kept.tar"]);
  });
});

describe("a restore refuses", () => {
  it("a folder that is not empty", async () => {
    const done = await restore(kept);
    expect([done.status, done.stderr]).toEqual([2, expect.stringMatching(/^vedette: data: \S+ is not empty; move it away/)]);
    await removeFolder(up.data);
  });

  it.each([
    ["what is not there", async () => join(folder, "nothing"), 2, /--from: \S+ is not there/],
    [
      "a folder without manifest",
      async () => {
        await mkdir(join(folder, "empty"));
        return join(folder, "empty");
      },
      3,
      /holds no manifest\.json, so it is no backup or an unfinished one/,
    ],
    [
      "a manifest that was changed",
      () => spoilt("changed", (copy) => replaceIn(join(copy, "manifest.json"), '"buckets": 64', '"buckets": 65')),
      3,
      /its manifest\.json is damaged/,
    ],
    [
      "a manifest that was cut",
      () => spoilt("cut", (copy) => writeFile(join(copy, "manifest.json"), '{"contents":{"format":')),
      3,
      /its manifest\.json is damaged/,
    ],
    [
      "another format",
      () => spoilt("newer", (copy) => replaceIn(join(copy, "manifest.json"), '"format": 1', '"format": 2')),
      3,
      /is of format 2, this program reads format 1/,
    ],
    [
      "a file that was changed",
      () => spoilt("byte", (copy) => appendFile(join(copy, "keys", "policy.pem"), "\n")),
      3,
      /keys\/policy\.pem is not what was backed up/,
    ],
    [
      "a file that is missing",
      () => spoilt("missing", (copy) => rm(join(copy, "keys", "authority.pem"))),
      3,
      /keys\/authority\.pem is missing/,
    ],
    [
      "a tar that is none",
      async () => {
        await writeFile(join(folder, "none.tar"), "no tar at all");
        return join(folder, "none.tar");
      },
      3,
      /none\.tar: tar cannot use it/,
    ],
  ])("%s", async (_name, make, status, sentence) => {
    const done = await restore(await make());
    expect([done.status, done.stderr]).toEqual([status, expect.stringMatching(sentence)]);
    await expect(readdir(up.data)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("after the loss of the whole data folder", () => {
  it.each(["kept.tar", "kept"])("%s is restored, and its documents are whole chains", async (name) => {
    await removeFolder(up.data);
    const done = await restore(join(folder, name));
    expect([done.status, done.stderr]).toEqual([0, ""]);
    expect(JSON.parse(done.stdout)).toMatchObject({ data: up.data, documents: expect.any(Number) });
    expect((JSON.parse(done.stdout) as { documents: number }).documents).toBeGreaterThan(3);
    expect((await readdir(folder)).filter((file) => /unpacked|partial/.test(file))).toEqual([]);
  });

  it("everything starts again and answers for a knownAt of before with the same bytes", async () => {
    up = await startUp({ data: up.data, bind: BIND, driftDelay: 3_600 });
    for (const [path, text] of answers) expect(await up.api.text(path), path).toBe(text);
    expect((await up.api.devices()).map((d) => d.id)).toEqual(expect.arrayContaining([...ids]));
  });

  it("the agent is known and goes on", async () => {
    await waitFor(
      "the agent is online",
      async () => {
        const { items } = JSON.parse(await up.api.text("/agents")) as { items: AgentItem[] };
        return items.length === 1 && items[0]?.state === "online";
      },
      60_000,
      500,
    );
    await waitFor(
      "observations are stored",
      async () => /vedette_observations_stored_total\{[^}]*\} [1-9]/.test(await up.api.metrics()),
      60_000,
      500,
    );
  });

  it("a rebuild changes no answer either", async () => {
    const done = await vedette(["collector", "rebuild", "--config", config(), "--json"]);
    expect(done.status).toBe(0);
    for (const [path, text] of answers) expect(await up.api.text(path), path).toBe(text);
  });
});
