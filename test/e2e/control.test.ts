/** The control plane with a real nats-server and a real ClickHouse: who may say and hear what, and how fast that ends. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { type Control, connectControl } from "@vedette/agent/src/control.ts";
import { type Keys as AgentKeys, makeKeys } from "@vedette/agent/src/identity.ts";
import { busOf, openConnection } from "@vedette/collector/src/bus/connection.ts";
import { createControlContext } from "@vedette/collector/src/control/context.ts";
import { Revoker } from "@vedette/collector/src/control/revoke.ts";
import { ControlServer } from "@vedette/collector/src/control/server.ts";
import { verifyChain } from "@vedette/collector/src/document/chain.ts";
import { DocumentLog } from "@vedette/collector/src/document/log.ts";
import { DocumentView } from "@vedette/collector/src/document/view.ts";
import type { Keys } from "@vedette/collector/src/keys/load.ts";
import { documentStream } from "@vedette/collector/src/log/document-stream.ts";
import { natsResolver } from "@vedette/collector/src/log/resolver.ts";
import { ensureLogStream } from "@vedette/collector/src/log/stream.ts";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { revokeAgent } from "@vedette/collector/src/service/agent/revoke.ts";
import { createEnrolment } from "@vedette/collector/src/service/enrolment/create.ts";
import { createSite } from "@vedette/collector/src/service/site/create.ts";
import { createTenant } from "@vedette/collector/src/service/tenant/create.ts";
import { perform, type ServiceContext } from "@vedette/collector/src/service/verb.ts";
import { documentStore } from "@vedette/collector/src/store/document.ts";
import {
  type AgentAddress,
  type Identity,
  inboxPrefix,
  OBSERVATION_WILDCARD,
  observationSubject,
  receiptSubject,
  STREAM,
} from "@vedette/proto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestStack, type TestStack } from "../kit/stack.ts";
import { waitFor } from "../kit/wait.ts";

/** gRPC status codes (grpc/doc/statuscodes.md). */
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;

let stack: TestStack;
let keys: Keys;
let view: DocumentView;
let log: DocumentLog;
let server: ControlServer;
let services: ServiceContext;
let revoker: Revoker;
const connections: NatsConnection[] = [];
const controls: Control[] = [];
const stops: (() => Promise<unknown>)[] = [];
const faults: unknown[] = [];

interface Enrolled {
  readonly address: AgentAddress;
  readonly identity: Identity;
  readonly keys: AgentKeys;
}

beforeAll(async () => {
  stack = await startTestStack({ tenants: [] });
  keys = stack.keys;
  const logger = stack.logger;
  const url = stack.natsUrls[0];
  const centre = await openConnection({ url, user: await keys.nats.centreUser("test"), name: "centre", logger });
  const system = await openConnection({ url, user: await keys.nats.systemUser("test"), name: "system", logger });
  connections.push(centre, system);
  const bus = await busOf(centre);
  await ensureLogStream(bus);
  view = new DocumentView();
  const onFault = (error: unknown) => faults.push(error);
  log = new DocumentLog({ stream: documentStream(bus), store: documentStore(stack.store), view, now: Date.now, onFault });
  await log.start();
  const cx = createControlContext({ keys, log, now: Date.now, natsUrls: [url], onAgent: () => undefined });
  server = await ControlServer.start({ cx, host: "127.0.0.1", port: 0, names: ["localhost", "127.0.0.1"], onFault });
  revoker = new Revoker({ keys, view, resolver: natsResolver(system), now: Date.now, onFault });
  await revoker.start();
  services = { keys, log, now: Date.now, grpc: `localhost:${server.port}`, tasks: cx.tasks, presence: cx.presence };
  // Both accounts are new to the running server: the resolver must hear of them.
  for (const tenant of ["t", "u"]) {
    await perform(createTenant, services, systemActor(tenant), { id: tenant, name: tenant });
    for (const site of ["s1", "s2"]) await perform(createSite, services, systemActor(tenant), { id: site, name: site });
    await revoker.tell(tenant);
    const jsm = await jetstreamManager(await tenantConnection(tenant));
    await jsm.streams.add({ name: STREAM.observations, subjects: [OBSERVATION_WILDCARD] });
  }
});

afterAll(async () => {
  for (const opened of controls) opened.close();
  revoker?.stop();
  await server?.stop();
  await log?.stop();
  await Promise.all(connections.map((connection) => connection.close()));
  for (const stop of stops) await stop();
  await stack?.stop();
});

async function tenantConnection(tenant: string): Promise<NatsConnection> {
  const user = await keys.nats.tenantUser(tenant, "test");
  const connection = await openConnection({ url: stack.natsUrls[0], user, name: tenant, logger: stack.logger });
  connections.push(connection);
  return connection;
}

function control(own?: Enrolled): Control {
  const centre = { grpc: `localhost:${server.port}`, ca: Buffer.from(keys.authority.certificate).toString("base64") };
  const certificates = own?.identity.certificates.map((der) => Buffer.from(der).toString("base64"));
  const opened = connectControl(
    own === undefined || certificates === undefined ? centre : { ...centre, certificate: { certificates, key: own.keys.key } },
  );
  controls.push(opened);
  return opened;
}

async function enrol(tenant: string, site: string, token?: string): Promise<Enrolled> {
  const text = token ?? (await perform(createEnrolment, services, systemActor(tenant), { site })).token;
  const own = await makeKeys();
  const answer = await control().enroll(text, own, "1", "box");
  if (answer.identity === undefined) throw new Error("no identity");
  return { keys: own, identity: answer.identity, address: { tenant: answer.tenant, site: answer.site, agent: answer.agent } };
}

async function agentConnection(own: Enrolled, jwt = own.identity.natsUserJwt): Promise<NatsConnection> {
  const connection = await connect({
    servers: [...own.identity.natsUrls],
    authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(own.keys.natsSeed)),
    inboxPrefix: inboxPrefix(own.address.agent),
    reconnect: false,
  });
  connections.push(connection);
  return connection;
}

/** Subjects that the server refused to a connection, as it hears of them. */
function refusals(connection: NatsConnection): string[] {
  const refused: string[] = [];
  void (async () => {
    for await (const said of connection.status()) if (said.type === "error") refused.push(said.error.message);
  })();
  return refused;
}

async function stored(tenant: string): Promise<number> {
  return (await (await jetstreamManager(await tenantConnection(tenant))).streams.info(STREAM.observations)).state.messages;
}

describe("an enrolled agent", () => {
  it("publishes its own subject, with the broker's ack, and hears its receipts", async () => {
    const own = await enrol("t", "s1");
    const connection = await agentConnection(own);
    const ack = await jetstream(connection).publish(observationSubject(own.address), "batch");
    expect(ack.stream).toBe(STREAM.observations);
    const heard: string[] = [];
    connection.subscribe(receiptSubject(own.address), { callback: (_, message) => void heard.push(message.string()) });
    await connection.flush();
    (await tenantConnection("t")).publish(receiptSubject(own.address), "receipt");
    await waitFor("receipt", () => heard.length === 1, 5_000);
  });

  it("reaches no subject but its own: other agents, sites and tenants, streams, system", async () => {
    const own = await enrol("t", "s1");
    const neighbour = await enrol("t", "s1");
    const elsewhere = await enrol("t", "s2");
    const foreign = await enrol("u", "s1");
    const others = [neighbour, elsewhere, foreign].map((other) => other.address);
    const attempts = [
      ...others.flatMap((other) => [observationSubject(other), receiptSubject(other)]),
      receiptSubject(own.address),
      "obs.v1.t.s1.>",
      "doc.v1.t",
      "chg.v1.0",
      "$JS.API.STREAM.DELETE.OBSERVATIONS",
      "$JS.API.STREAM.INFO.OBSERVATIONS",
      "$SYS.REQ.CLAIMS.UPDATE",
      `${inboxPrefix(neighbour.address.agent)}.x`,
    ];
    const before = [await stored("t"), await stored("u")];
    for (const subject of attempts) {
      const connection = await agentConnection(own);
      const refused = refusals(connection);
      connection.publish(subject, "x");
      await waitFor(`refusal of ${subject}`, () => refused.length > 0 || connection.isClosed(), 5_000);
      await connection.close();
    }
    expect([await stored("t"), await stored("u")]).toEqual(before);
  });

  it("hears no subject but its own", async () => {
    const own = await enrol("t", "s1");
    const neighbour = await enrol("t", "s1");
    const connection = await agentConnection(own);
    const attempts = [
      ">",
      "obs.v1.>",
      receiptSubject(neighbour.address),
      "rcp.v1.*.*.*",
      "_INBOX.>",
      `${inboxPrefix(neighbour.address.agent)}.>`,
      "$SYS.>",
    ];
    for (const subject of attempts) {
      const error = await new Promise<Error | null>((resolve) => {
        const subscription = connection.subscribe(subject, { callback: (failure) => resolve(failure) });
        void sleep(2_000).then(() => {
          subscription.unsubscribe();
          resolve(null);
        });
      });
      expect([subject, error?.constructor.name]).toEqual([subject, "PermissionViolationError"]);
    }
  });

  it("cannot make the broker act for it by the reply subject of an observation", async () => {
    const own = await enrol("t", "s1");
    const neighbour = await enrol("t", "s1");
    const listening = await agentConnection(neighbour);
    const heard: string[] = [];
    listening.subscribe(receiptSubject(neighbour.address), { callback: (_, message) => void heard.push(message.string()) });
    await listening.flush();
    const connection = await agentConnection(own);
    await jetstream(connection).publish(observationSubject(own.address), "kept");
    const before = await stored("t");
    for (const api of ["STREAM.PURGE", "STREAM.DELETE"]) {
      connection.publish(observationSubject(own.address), "x", { reply: `$JS.API.${api}.${STREAM.observations}` });
    }
    connection.publish(observationSubject(own.address), "x", { reply: receiptSubject(neighbour.address) });
    await connection.flush();
    await sleep(500);
    expect(await stored("t")).toBe(before + 3);
    // The broker's ack may arrive where a receipt is awaited; it is no receipt, and who decodes must not take it for one.
    for (const text of heard) expect(() => JSON.parse(text)).not.toThrow();
  });
});

describe("enrolment", () => {
  it("takes a token once, and none that is wrong", async () => {
    const { token } = await perform(createEnrolment, services, systemActor("t"), { site: "s1" });
    await enrol("t", "s1", token);
    await expect(enrol("t", "s1", token)).rejects.toMatchObject({ code: PERMISSION_DENIED });
    await expect(enrol("t", "s1", `${token}x`)).rejects.toMatchObject({
      code: INVALID_ARGUMENT,
      message: expect.stringContaining("token: "),
    });
  });
});

describe("revocation", () => {
  it("cuts the connection within 5 s and outlasts a restart of nats-server", async () => {
    const own = await enrol("t", "s1");
    const connection = await agentConnection(own);
    const closed = connection.closed().then(() => performance.now());
    const at = performance.now();
    await perform(revokeAgent, services, systemActor("t"), { id: own.address.agent, reason: "stolen" });
    expect((await closed) - at).toBeLessThan(5_000);
    await expect(control(own).reportStatus({})).rejects.toMatchObject({ code: PERMISSION_DENIED });
    await expect(agentConnection(own)).rejects.toThrow();

    await stack.processes.stop("nats");
    await stack.processes.start("nats");
    await expect(agentConnection(own)).rejects.toThrow();
    // A token made for the same key is void as well.
    const jwt = await keys.nats.agentUser(own.address, own.keys.natsUserKey, Date.now() + 3_600_000);
    await expect(agentConnection(own, jwt)).rejects.toThrow();
    const other = await waitFor("a collector again", () => enrol("t", "s1").catch(() => null), 15_000);
    await (await agentConnection(other)).flush();
  });
});

describe("documents", () => {
  it("stand in ClickHouse as one unbroken chain, and another collector reads the same", async () => {
    const rows = await documentStore(stack.store).after("t", 0);
    expect(verifyChain(rows)).toEqual(view.head("t"));
    expect(
      createHash("sha256")
        .update(rows[0]?.encoded ?? "")
        .digest("hex"),
    ).toBe(rows[0]?.hash);
    const other = new DocumentView();
    for (const row of rows) other.apply(row);
    expect(other.list("t", "agent")).toEqual(view.list("t", "agent"));
  });
});

describe("another collector", () => {
  it("follows what is decided here, and the log goes on when its stream is lost", async () => {
    const centre = await openConnection({
      url: stack.natsUrls[0],
      user: await keys.nats.centreUser("other"),
      name: "other",
      logger: stack.logger,
    });
    connections.push(centre);
    const bus = await busOf(centre);
    const onFault = () => undefined;
    const other = new DocumentLog({
      stream: documentStream(bus),
      store: documentStore(stack.store),
      view: new DocumentView(),
      now: Date.now,
      onFault,
      pollMs: 300_000,
    });
    await other.start();
    try {
      const follows = async (id: string) => {
        await perform(createSite, services, systemActor("t"), { id, name: id });
        await waitFor(`site ${id} at the other`, () => other.view.get("t", "site", id) !== null, 5_000);
      };
      await follows("s3");
      await bus.jsm.streams.delete(STREAM.log);
      await ensureLogStream(bus);
      await follows("s4");
      const both = await Promise.all(
        [log, other].map((at, n) => at.append("t", `c${n}`, () => ({ kind: "site", id: `race-${n}`, body: { name: "Race" } }))),
      );
      expect(new Set(both.map((document) => document?.seq)).size).toBe(2);
      expect(verifyChain(await documentStore(stack.store).after("t", 0))?.seq).toBe(
        Math.max(...both.map((document) => document?.seq ?? 0)),
      );
    } finally {
      await other.stop();
    }
  });
});

describe("renewal", () => {
  it("by a signed nonce gives a NATS user that works", async () => {
    const own = await enrol("u", "s2");
    const { identity } = await control().renewBySignature(own.address.agent, own.keys);
    if (identity === undefined) throw new Error("no identity");
    const connection = await agentConnection(own, identity.natsUserJwt);
    expect((await jetstream(connection).publish(observationSubject(own.address), "x")).stream).toBe(STREAM.observations);
  });
});
