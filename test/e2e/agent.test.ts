/** One agent from its token to rows in ClickHouse, with the real control server, nats-server and ingest; only the device is ours. */
import { cpSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type AgentConfig, agentStatus, enrollAgent, IdentityError, parseConfig, runAgent } from "@vedette/agent";
import { loadIdentity, saveIdentity } from "@vedette/agent/src/identity.ts";
import { demoPolicy } from "@vedette/collector/src/control/policy.ts";
import { readCompact } from "@vedette/collector/src/store/index.ts";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AgentCentre, gather, startAgentCentre, type TestStack, waitFor } from "../kit/index.ts";

const DEVICE = "127.78.0.5";

let centre: AgentCentre;
let stack: TestStack;
let device: Server;
let title = "Camera";
let config: AgentConfig;

beforeAll(async () => {
  centre = await startAgentCentre();
  ({ stack } = centre);
  device = createServer((_request, response) => response.end(`<title>${title}</title>`));
  await new Promise<void>((resolve) => device.listen(8080, DEVICE, resolve));
  config = parseConfig({ data: join(stack.folder, "agent"), scope: ["127.78.0.0/28"] });
});

afterAll(async () => {
  device.close();
  await centre.stop();
});

function start(own = config): { stop(): Promise<void> } {
  const ends = new AbortController();
  const running = runAgent(own, { logger: stack.logger, signal: ends.signal });
  return {
    async stop() {
      ends.abort();
      await running;
    },
  };
}

const rows = () => gather(readCompact(stack.store, centre.tenant, centre.site));
const looks = async (probe: string) => (await rows()).filter((r) => r.probe === probe);

it("refuses to run before it is enrolled, naming the fix", async () => {
  await expect(runAgent(config, { logger: stack.logger, signal: new AbortController().signal })).rejects.toThrow(
    /run "vedette agent enroll" with a token first/,
  );
});

it("enrols with a single-use token, once", async () => {
  const once = await centre.token();
  const identity = await enrollAgent({ token: once, data: config.data, logger: stack.logger });
  expect(identity).toMatchObject({ tenant: centre.tenant, site: centre.site });
  expect(agentStatus(config.data)).toMatchObject({
    enrolled: { tenant: centre.tenant, site: centre.site, agent: identity.agent },
    running: false,
    last: null,
  });
  await expect(enrollAgent({ token: await centre.token(), data: config.data, logger: stack.logger })).rejects.toThrow(IdentityError);
  await expect(enrollAgent({ token: once, data: join(stack.folder, "second"), logger: stack.logger })).rejects.toMatchObject({
    name: "ControlError",
  });
});

it("finds the device and has it stored, without a gap, then drains its outbox", async () => {
  const agent = start();
  try {
    await waitFor("the device's page in the store", async () => (await looks("http.root")).length > 0, 60_000);
    await waitFor(
      "a status that knows the device and an empty outbox",
      () => agentStatus(config.data).last?.hosts === 1 && agentStatus(config.data).last?.outbox.depth === 0,
      60_000,
    );
    const seqs = (await rows()).map((r) => r.seq).sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    const told = (await rows()).filter((r) => r.probe !== "agent.alive");
    expect(told.every((r) => "address" in r.subject && r.subject.address === DEVICE)).toBe(true);
    expect(agentStatus(config.data)).toMatchObject({ running: true, last: { connected: true, hosts: 1, endpoints: 1 } });
  } finally {
    await agent.stop();
  }
});

it("started again, it knows what it told: no facts go out as new", async () => {
  const facts = async () => (await looks("http.root")).filter((r) => r.confirm === null).length;
  const before = await facts();
  const epochs = new Set((await rows()).map((r) => r.epoch));
  const agent = start();
  try {
    const count = (await rows()).length;
    await waitFor("confirmations", async () => (await rows()).length > count + 1, 60_000);
    expect(await facts()).toBe(before);
    expect(new Set((await rows()).map((r) => r.epoch))).toEqual(epochs);

    title = "Camera, changed";
    const { agent: id } = agentStatus(config.data).enrolled ?? { agent: "" };
    centre.control.tasks.push(
      { tenant: centre.tenant, site: centre.site, agent: id },
      { probe: "http.root", subject: { address: DEVICE, transport: "tcp", port: 8080 } },
    );
    await waitFor("the look that was asked for", async () => (await facts()) === before + 1, 5000);

    await centre.setPolicy(demoPolicy([8080]));
    const version = agentStatus(config.data).last?.policyVersion ?? 0;
    await waitFor("the new policy", () => (agentStatus(config.data).last?.policyVersion ?? 0) > version, 15_000);
  } finally {
    await agent.stop();
  }
});

it("renews its identity with the certificate that it has, and by its enrolled key when that has ended", async () => {
  const enrolled = loadIdentity(config.data);
  if (enrolled === undefined) throw new Error("the agent is enrolled by the tests before");
  const hour = 3600_000;
  const renewals: { bySignature: boolean }[] = [];
  const logger = pino(
    { level: "info" },
    {
      write(line: string) {
        const said = JSON.parse(line) as { msg: string; bySignature: boolean };
        if (said.msg === "the identity was renewed") renewals.push({ bySignature: said.bySignature });
      },
    },
  );
  const run = async () => {
    const count = renewals.length;
    const ends = new AbortController();
    const running = runAgent(config, { logger, signal: ends.signal });
    try {
      await waitFor("the renewal", () => renewals.length > count, 30_000);
      await waitFor("a connection", () => agentStatus(config.data).last?.connected === true, 30_000);
    } finally {
      ends.abort();
      await running;
    }
    return loadIdentity(config.data);
  };

  // More than half of its time is over.
  saveIdentity(config.data, { ...enrolled, issuedMs: Date.now() - 2 * hour, expiresMs: Date.now() + hour });
  const byCertificate = await run();
  expect(renewals).toEqual([{ bySignature: false }]);
  expect(byCertificate).toMatchObject({ agent: enrolled.agent, key: enrolled.key, natsSeed: enrolled.natsSeed });
  expect(byCertificate?.certificates[0]).not.toBe(enrolled.certificates[0]);
  expect(byCertificate?.expiresMs).toBeGreaterThan(Date.now() + 23 * hour);

  // Long offline: no certificate is shown, as a server refuses an ended one.
  saveIdentity(config.data, { ...enrolled, issuedMs: Date.now() - 720 * hour, expiresMs: Date.now() - hour });
  const bySignature = await run();
  expect(renewals).toEqual([{ bySignature: false }, { bySignature: true }]);
  expect(bySignature).toMatchObject({ agent: enrolled.agent, key: enrolled.key });
  expect(new Set([enrolled, byCertificate, bySignature].map((i) => i?.certificates[0])).size).toBe(3);
});

it("two agents of one disk image: each in an epoch of its own, and all that either of them told is stored", async () => {
  await centre.setPolicy(demoPolicy());
  const copy = { ...config, data: join(stack.folder, "copy") };
  cpSync(config.data, copy.data, { recursive: true });
  await centre.stopIngest();
  const agents = [start(config), start(copy)];
  const depths = () => [config, copy].map(({ data }) => agentStatus(data).last?.outbox.depth ?? 0);
  try {
    // Both hold observations that no receipt covers when the first receipts come.
    await waitFor("something in both outboxes", () => depths().every((depth) => depth >= 3), 60_000);
    await centre.startIngest();
    await waitFor("receipts for both", () => depths().every((depth) => depth === 0), 60_000);
  } finally {
    await Promise.all(agents.map((agent) => agent.stop()));
  }
  const epochs = [config, copy].map(({ data }) => agentStatus(data).last?.epoch);
  expect(new Set(epochs).size).toBe(2);
  const stored = await rows();
  for (const { data } of [config, copy]) {
    const { epoch, given, kept } = numbersIn(join(data, "outbox.sqlite"));
    const seqs = stored.filter((r) => r.epoch === epoch).map((r) => r.seq);
    expect(given).toBeGreaterThan(3);
    const missing = Array.from({ length: given }, (_, i) => i + 1).filter((seq) => !seqs.includes(seq) && !kept.includes(seq));
    expect(missing).toEqual([]);
  }
  const contents = Map.groupBy(stored, (r) => `${r.epoch}/${r.seq}`);
  expect([...contents.values()].filter((list) => new Set(list.map((r) => r.contentHash)).size > 1)).toEqual([]);
});

/** The newest epoch of an outbox, how many seqs it has given, and those that it still keeps. */
function numbersIn(path: string): { epoch: string; given: number; kept: number[] } {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const { id, next } = db.prepare("SELECT id, next FROM epoch").get() as { id: string; next: number };
    const kept = db.prepare("SELECT seq FROM kept WHERE epoch = ?").all(id) as { seq: number }[];
    return { epoch: id, given: next - 1, kept: kept.map((k) => k.seq) };
  } finally {
    db.close();
  }
}
