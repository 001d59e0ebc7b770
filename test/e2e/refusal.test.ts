/** What a user can get wrong: each is refused with one sentence that names the field and the fix, and with the status that scripts read. */

import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, freeBind, freePort, type RunningUp, removeFolder, startUp, vedette } from "../kit/index.ts";

const HINT = "(add --help for usage and examples)";

let folder: string;
let up: RunningUp;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-refusal-"));
  up = await startUp({ driftDelay: 3_600 });
});
afterAll(async () => {
  await up?.stop();
  await removeFolder(up.data);
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

/** Every JSON is YAML. Logs and progress apart, stderr holds one sentence and at most the hint to --help. */
function expectRefusal(done: Finished, status: 2 | 3, sentence: RegExp): void {
  const lines = done.stderr.split("\n").filter((line) => line !== "" && line !== HINT && !line.startsWith("{") && !line.endsWith("..."));
  expect(lines).toEqual([expect.stringMatching(sentence)]);
  expect(done.stderr).not.toMatch(/^\s+at .+:\d+/m);
  expect(done.status).toBe(status);
}

const COLLECTOR = {
  data: "/var/lib/vedette",
  nats: { url: "nats://127.0.0.1:4222" },
  clickhouse: { url: "http://127.0.0.1:8123" },
};

describe("without scope", () => {
  it.each(["up", "audit"])("%s says how to give one", async (command) => {
    expectRefusal(await vedette([command]), 2, /^vedette: --scope is missing: .*--scope \d/);
  });
});

describe("flags", () => {
  it.each([
    [["up", "--frobnicate"], /unknown option '--frobnicate'/],
    [["up", "--demo", "--port", "99999"], /--port is a whole number from 0 to 65532/],
    [["up", "--scope", "banana"], /--scope.*"banana" is not a network: write it like/],
    [["audit", "--scope", "198.18.0.0/99"], /--scope.*"198\.18\.0\.0\/99" is not a network: write it like/],
    [["frobnicate"], /unknown command 'frobnicate'/],
    [["probe", "tls.nothing", "127.0.0.1:443"], /tls\.nothing: is no probe; choose of .*tls\.handshake/],
    [["collector", "run"], /required option '--config <file>'/],
  ])("%j", async (args, sentence) => {
    expectRefusal(await vedette(args), 2, sentence);
  });
});

describe("a collector's config", () => {
  it.each([
    ["an unknown field", { ...COLLECTOR, clickhouse: { ...COLLECTOR.clickhouse, pasword: "x" } }, /clickhouse\.pasword: is no field/],
    ["a url of another kind", { ...COLLECTOR, nats: { url: "http://127.0.0.1" } }, /nats\.url: must be like nats:\/\/HOST:PORT/],
    ["a number out of range", { ...COLLECTOR, buckets: 0 }, /buckets: /],
  ])("with %s", async (_name, config, sentence) => {
    expectRefusal(await vedette(["collector", "run", "--config", await file("collector.yaml", JSON.stringify(config))]), 2, sentence);
  });

  it("that is no YAML, or not there", async () => {
    const broken = await file("broken.yaml", "data: [\n");
    expectRefusal(await vedette(["collector", "run", "--config", broken]), 2, /broken\.yaml: line \d+ is no YAML; correct it/);
    const missing = join(folder, "missing.yaml");
    expectRefusal(await vedette(["collector", "run", "--config", missing]), 2, /missing\.yaml: cannot be read \(ENOENT\); give the path/);
  });
});

describe("an agent's config", () => {
  it("without scope", async () => {
    const path = await file("agent.yaml", JSON.stringify({ data: join(folder, "agent"), centre: { grpc: "127.0.0.1:8421" } }));
    for (const args of [
      ["agent", "run", "--config", path],
      ["agent", "check-config", path],
    ])
      expectRefusal(await vedette(args), 2, /agent\.yaml: scope: is missing; name the networks/);
  });
});

describe("engines that do not answer", () => {
  const own = () => ({
    data: up.data,
    nats: { url: `nats://127.0.0.1:${up.ports.nats}` },
    clickhouse: { url: `http://127.0.0.1:${up.ports.clickhouse}`, passwordFile: join(up.data, "keys", "clickhouse-password") },
  });

  it("ClickHouse", async () => {
    const config = { ...own(), clickhouse: { url: `http://127.0.0.1:${await freePort()}` } };
    const path = await file("no-clickhouse.yaml", JSON.stringify(config));
    expectRefusal(await vedette(["collector", "run", "--config", path]), 3, /^vedette: clickhouse\.url: \S+ does not answer; start that/);
  });

  it("NATS", async () => {
    const path = await file("no-nats.yaml", JSON.stringify({ ...own(), nats: { url: `nats://127.0.0.1:${await freePort()}` } }));
    expectRefusal(await vedette(["collector", "run", "--config", path]), 3, /^vedette: nats\.url: \S+ .*; start/);
  });

  it("ClickHouse that knows no such password", async () => {
    const passwordFile = await file("password", "wrong\n");
    const config = own();
    const path = await file("no-password.yaml", JSON.stringify({ ...config, clickhouse: { ...config.clickhouse, passwordFile } }));
    expectRefusal(
      await vedette(["collector", "run", "--config", path]),
      3,
      /^vedette: clickhouse: \S+ refuses user vedette.*; correct .*passwordFile/,
    );
  });
});

describe("an enrolment token", () => {
  const enroll = (tokenFile: string) => vedette(["agent", "enroll", "--token-file", tokenFile, "--data", join(folder, "agent-data")]);

  it("that is none, cut, or not there", async () => {
    expectRefusal(await enroll(await file("token", "open sesame\n")), 2, /^vedette: token: it must begin with "vdt1\."/);
    expectRefusal(await enroll(await file("token", "vdt1.eyJncnBj\n")), 2, /^vedette: token: it is cut or changed; copy it whole/);
    expectRefusal(await enroll(join(folder, "no-token")), 2, /^vedette: --token-file: \S+ cannot be read \(ENOENT\): give/);
  });

  it("whose secret the centre does not know", async () => {
    const ca = new X509Certificate(await readFile(join(up.data, "keys", "authority.pem"))).raw.toString("base64");
    const token = { grpc: `127.0.0.1:${up.ports.grpc}`, ca, secret: "bm90IHRoaXMgb25l" };
    const text = `vdt1.${Buffer.from(JSON.stringify(token)).toString("base64url")}`;
    expectRefusal(await enroll(await file("token", text)), 3, /^vedette: .*token/);
  });

  it("of a centre that does not answer", async () => {
    const ca = new X509Certificate(await readFile(join(up.data, "keys", "authority.pem"))).raw.toString("base64");
    const token = { grpc: `127.0.0.1:${await freePort()}`, ca, secret: "bm90IHRoaXMgb25l" };
    const text = `vdt1.${Buffer.from(JSON.stringify(token)).toString("base64url")}`;
    expectRefusal(await enroll(await file("token", text)), 3, /^vedette: .*127\.0\.0\.1:\d+/);
  });
});

describe("a data folder", () => {
  const demo = (data: string) => vedette(["up", "--demo", "--port", "0", "--bind", freeBind(), "--data", data]);

  it.each(["/proc/vedette", "/proc/version/vedette", "/sys/vedette"])("that cannot be written: %s", async (path) => {
    expectRefusal(await demo(path), 3, /^vedette: --data: \S+ cannot be written \(\w+\): give a folder/);
  });

  it("that another process uses", async () => {
    expectRefusal(await demo(up.data), 2, new RegExp(`^vedette: --data: \\S+ is in use by process ${up.pid}: stop that one or choose`));
  });

  it("that holds a demo is taken for no real site", async () => {
    const data = join(folder, "was-demo");
    const port = await freePort();
    // A taken port ends it before anything runs; the folder is a demo's by then.
    const server = createServer().listen({ host: "127.0.0.1", port });
    const taken = await vedette(["up", "--demo", "--port", String(port), "--bind", freeBind(), "--data", data]);
    await new Promise((resolve) => server.close(resolve));
    expectRefusal(
      taken,
      2,
      new RegExp(`^vedette: --port: ${port} of 127\\.0\\.0\\.1, needed for the console, is taken: choose another --port`),
    );
    const real = await vedette(["up", "--scope", "198.18.0.0/24", "--port", "0", "--data", data]);
    expectRefusal(real, 2, /^vedette: --data: \S+ holds a demo: .*choose another folder/);
  });
});
