/** One agent from its token to rows in ClickHouse, with the real control server, nats-server and ingest; only the device is ours. */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { type AgentConfig, agentStatus, enrollAgent, IdentityError, parseConfig, runAgent } from "@vedette/agent";
import { loadIdentity, saveIdentity } from "@vedette/agent/src/identity.ts";
import { createControlContext } from "@vedette/collector/src/control/context.ts";
import { demoPolicy } from "@vedette/collector/src/control/policy.ts";
import { ControlServer } from "@vedette/collector/src/control/server.ts";
import type { ControlContext } from "@vedette/collector/src/control/types.ts";
import type { DocumentLog } from "@vedette/collector/src/document/log.ts";
import { memoryLog } from "@vedette/collector/src/document/testing/memory.ts";
import { Ingest } from "@vedette/collector/src/ingest/index.ts";
import { loadOrMakeKeys } from "@vedette/collector/src/keys/load.ts";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { createEnrolment } from "@vedette/collector/src/service/enrolment/create.ts";
import { setPolicy } from "@vedette/collector/src/service/policy/set.ts";
import { createSite } from "@vedette/collector/src/service/site/create.ts";
import { createTenant } from "@vedette/collector/src/service/tenant/create.ts";
import { perform, type ServiceContext } from "@vedette/collector/src/service/verb.ts";
import { readCompact } from "@vedette/collector/src/store/index.ts";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { gather, startTestStack, type TestStack, waitFor } from "../kit/index.ts";

const TENANT = "demo";
const SITE = "site-1";
const DEVICE = "127.78.0.5";
const actor = systemActor(TENANT);

let stack: TestStack;
let log: DocumentLog;
let cx: ControlContext;
let control: ControlServer;
let services: ServiceContext;
let ingest: Ingest;
let device: Server;
let title = "Camera";
let config: AgentConfig;

beforeAll(async () => {
  stack = await startTestStack({ tenants: [TENANT] });
  const made = await loadOrMakeKeys(join(stack.folder, "centre"), { mayMake: true, now: Date.now() });
  // The nats-server trusts the operator of the stack.
  const keys = { ...made, nats: stack.keys };
  log = await memoryLog(Date.now);
  cx = createControlContext({ keys, log, now: Date.now, natsUrls: [stack.nats().url], onAgent: () => undefined });
  control = await ControlServer.start({
    cx,
    host: "127.0.0.1",
    port: 0,
    names: ["127.0.0.1"],
    onFault: (err) => stack.logger.error({ err }),
  });
  services = { keys, log, now: Date.now, grpc: `127.0.0.1:${control.port}`, tasks: cx.tasks, presence: cx.presence };
  await perform(createTenant, services, actor, { id: TENANT, name: "Demo" });
  await perform(createSite, services, actor, { id: SITE, name: "Site" });
  const { version: _, ...policy } = demoPolicy();
  await perform(setPolicy, services, actor, { site: SITE, policy });
  ingest = new Ingest({ store: stack.store, logger: stack.logger });
  await ingest.addTenant(TENANT, await stack.connectTenant(TENANT));
  device = createServer((_request, response) => response.end(`<title>${title}</title>`));
  await new Promise<void>((resolve) => device.listen(8080, DEVICE, resolve));
  config = parseConfig({ data: join(stack.folder, "agent"), scope: ["127.78.0.0/28"] });
});

afterAll(async () => {
  device.close();
  await ingest.stop(1000);
  await control.stop();
  await log.stop();
  await stack.stop();
});

function start(): { stop(): Promise<void> } {
  const ends = new AbortController();
  const running = runAgent(config, { logger: stack.logger, signal: ends.signal });
  return {
    async stop() {
      ends.abort();
      await running;
    },
  };
}

const rows = () => gather(readCompact(stack.store, TENANT, SITE));
const looks = async (probe: string) => (await rows()).filter((r) => r.probe === probe);

async function token(): Promise<string> {
  return (await perform(createEnrolment, services, actor, { site: SITE })).token;
}

it("refuses to run before it is enrolled, naming the fix", async () => {
  await expect(runAgent(config, { logger: stack.logger, signal: new AbortController().signal })).rejects.toThrow(
    /run "vedette agent enroll" with a token first/,
  );
});

it("enrols with a single-use token, once", async () => {
  const once = await token();
  const identity = await enrollAgent({ token: once, data: config.data, logger: stack.logger });
  expect(identity).toMatchObject({ tenant: TENANT, site: SITE });
  expect(agentStatus(config.data)).toMatchObject({
    enrolled: { tenant: TENANT, site: SITE, agent: identity.agent },
    running: false,
    last: null,
  });
  await expect(enrollAgent({ token: await token(), data: config.data, logger: stack.logger })).rejects.toThrow(IdentityError);
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
    expect((await rows()).every((r) => "address" in r.subject && r.subject.address === DEVICE)).toBe(true);
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
    cx.tasks.push(
      { tenant: TENANT, site: SITE, agent: id },
      { probe: "http.root", subject: { address: DEVICE, transport: "tcp", port: 8080 } },
    );
    await waitFor("the look that was asked for", async () => (await facts()) === before + 1, 5000);

    const { version: _, ...policy } = demoPolicy([8080]);
    await perform(setPolicy, services, actor, { site: SITE, policy });
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
