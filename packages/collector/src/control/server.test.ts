import "reflect-metadata";
import { createPrivateKey, type KeyObject, sign, verify, webcrypto } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { fromBinary } from "@bufbuild/protobuf";
import { credentials, makeGenericClientConstructor, status } from "@grpc/grpc-js";
import { createUser } from "@nats-io/nkeys";
import * as x509 from "@peculiar/x509";
import { AgentControlService, type EnrollResponse, type Identity, PolicySchema, renewalBytes, type SignedPolicy } from "@vedette/proto";
import { grpcDefinition } from "@vedette/proto/grpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DocumentLog } from "../document/log.ts";
import { memoryLog } from "../document/testing/memory.ts";
import { type Keys, loadOrMakeKeys } from "../keys/load.ts";
import { systemActor } from "../service/actor.ts";
import { revokeAgent } from "../service/agent/revoke.ts";
import { createEnrolment } from "../service/enrolment/create.ts";
import { setPolicy } from "../service/policy/set.ts";
import { createSite } from "../service/site/create.ts";
import { createTenant } from "../service/tenant/create.ts";
import { perform, type ServiceContext } from "../service/verb.ts";
import { createControlContext } from "./context.ts";
import { demoPolicy } from "./policy.ts";
import type { AgentState } from "./presence.ts";
import { ControlServer } from "./server.ts";
import type { ControlContext } from "./types.ts";

const DAY = 86_400_000;
const DEFINITION = grpcDefinition(AgentControlService);
const actor = systemActor("t");

let folder: string;
let keys: Keys;
let log: DocumentLog;
let cx: ControlContext;
let services: ServiceContext;
let server: ControlServer;
let now: number;
let states: AgentState[];
let faults: unknown[];
let clients: { close(): void }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vedette-control-"));
  now = Date.now();
  states = [];
  faults = [];
  clients = [];
  keys = await loadOrMakeKeys(join(folder, "keys"), { mayMake: true, now });
  log = await memoryLog(() => now);
  cx = createControlContext({ keys, log, now: () => now, natsUrls: ["nats://127.0.0.1:4222"], onAgent: (state) => states.push(state) });
  server = await ControlServer.start({
    cx,
    host: "127.0.0.1",
    port: 0,
    names: ["localhost", "127.0.0.1"],
    onFault: (error) => faults.push(error),
  });
  services = { keys, log, now: () => now, grpc: `127.0.0.1:${server.port}`, tasks: cx.tasks, presence: cx.presence };
  await perform(createTenant, services, actor, { id: "t", name: "Tenant" });
  await perform(createSite, services, actor, { id: "s", name: "Site" });
});
afterEach(async () => {
  for (const client of clients) client.close();
  await server.stop();
  await log.stop();
  await rm(folder, { recursive: true, force: true });
});

interface AgentKeys {
  readonly pair: webcrypto.CryptoKeyPair;
  readonly key: KeyObject;
  readonly csr: Buffer;
  readonly natsUserKey: string;
}

async function agentKeys(): Promise<AgentKeys> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const pair = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: "CN=x", keys: pair, signingAlgorithm: algorithm });
  const key = createPrivateKey({
    key: Buffer.from(await webcrypto.subtle.exportKey("pkcs8", pair.privateKey)),
    format: "der",
    type: "pkcs8",
  });
  return { pair, key, csr: Buffer.from(request.rawData), natsUserKey: createUser().getPublicKey() };
}

const Client = makeGenericClientConstructor(DEFINITION as never, "AgentControlService");
type Answer<T> = Promise<T>;

function client(own?: { readonly key: KeyObject; readonly identity: Identity }) {
  const pem = (der: Uint8Array) => Buffer.from(new x509.X509Certificate(Uint8Array.from(der)).toString("pem"));
  const tls = credentials.createSsl(
    Buffer.from(keys.authority.pem),
    own === undefined ? null : Buffer.from(own.key.export({ format: "pem", type: "pkcs8" })),
    own === undefined ? null : pem(own.identity.certificates[0] ?? new Uint8Array()),
  );
  const stub = new Client(`localhost:${server.port}`, tls);
  clients.push(stub);
  const call = <T>(name: string, request: object): Answer<T> =>
    new Promise((resolve, reject) => {
      const method = stub[name]?.bind(stub) as (request: object, done: (error: Error | null, answer: T) => void) => void;
      method(request, (error, answer) => (error === null ? resolve(answer) : reject(error)));
    });
  return { stub, call };
}

async function token(): Promise<string> {
  return (await perform(createEnrolment, services, actor, { site: "s" })).token;
}

async function enrolled() {
  const own = await agentKeys();
  const answer = await client().call<EnrollResponse>("enroll", {
    token: await token(),
    csr: own.csr,
    natsUserKey: own.natsUserKey,
    hostName: "box",
    agentVersion: "1",
  });
  if (answer.identity === undefined) throw new Error("no identity");
  return { ...own, agent: answer.agent, identity: answer.identity };
}

function watch(own: Awaited<ReturnType<typeof enrolled>>, haveVersion = 0) {
  const versions: number[] = [];
  const ended = new Promise<number>((resolve) => {
    const { stub } = client(own);
    const stream = (stub["watchPolicy"] as unknown as (request: object) => NodeJS.ReadableStream).call(stub, { haveVersion });
    stream.on("data", ({ policy }: { policy: SignedPolicy }) => {
      const key = { key: Buffer.from(own.identity.policyKey), format: "der", type: "spki" } as const;
      expect(verify(null, policy.policy, key, policy.signature)).toBe(true);
      versions.push(fromBinary(PolicySchema, policy.policy).version);
    });
    stream.on("error", (error: Error & { code?: number }) => resolve(error.code ?? -1));
    stream.on("end", () => resolve(0));
  });
  return { versions, ended };
}

async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; !holds(); n += 1) {
    if (n > 400) throw new Error("did not come to pass");
    await sleep(5);
  }
}

describe("enrolling", () => {
  it("gives a certificate and a NATS token for the site of the token", async () => {
    const own = await enrolled();
    const known = keys.authority.identify(own.identity.certificates[0] ?? new Uint8Array(), now + 1);
    expect(known?.identity).toEqual({ tenant: "t", site: "s", agent: own.agent });
    expect(log.view.get("t", "agent", own.agent)?.body).toMatchObject({
      site: "s",
      hostName: "box",
      natsUserKeys: [{ key: own.natsUserKey, replacedAt: null }],
    });
    expect(own.identity.natsUrls).toEqual(["nats://127.0.0.1:4222"]);
  });

  it("works once for a token, also when two agents hurry", async () => {
    const text = await token();
    const own = await Promise.all([agentKeys(), agentKeys()]);
    const results = await Promise.allSettled(
      own.map((k) => client().call("enroll", { token: text, csr: k.csr, natsUserKey: k.natsUserKey })),
    );
    expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(log.view.list("t", "agent")).toHaveLength(1);
    await expect(
      client().call("enroll", { token: text, csr: own[0]?.csr, natsUserKey: createUser().getPublicKey() }),
    ).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });

  it("refuses a token after a quarter of an hour, and a wrong secret with the same words", async () => {
    const own = await agentKeys();
    const text = await token();
    const enrol = (token: string) =>
      client()
        .call("enroll", { token, csr: own.csr, natsUserKey: own.natsUserKey })
        .then(
          () => "enrolled",
          (error: { details: string }) => error.details,
        );
    const parsed = JSON.parse(Buffer.from(text.slice(5), "base64url").toString()) as { secret: string };
    const secret = Buffer.from(parsed.secret, "base64url").toString().slice(0, -43) + "A".repeat(43);
    const wrong = await enrol(Buffer.from(secret).toString("base64url"));
    now += 15 * 60_000;
    expect(await enrol(text)).toBe(wrong);
    expect(wrong).toMatch(/^token: .*make a new one/);
  });

  it("says what is wrong before the token is used up", async () => {
    const own = await agentKeys();
    const text = await token();
    const good = { token: text, csr: own.csr, natsUserKey: own.natsUserKey };
    for (const [bad, field] of [
      [{ token: "hello" }, /^token:/],
      [{ csr: Buffer.from("no") }, /^csr:/],
      [{ natsUserKey: "UABC" }, /^nats_user_key:/],
    ] as const) {
      await expect(client().call("enroll", { ...good, ...bad })).rejects.toMatchObject({
        code: status.INVALID_ARGUMENT,
        details: expect.stringMatching(field),
      });
    }
    await client().call("enroll", good);
  });

  it("slows down who guesses", async () => {
    const codes = new Set<number>();
    for (let n = 0; n < 15; n += 1)
      await client()
        .call("enroll", { token: "hello" })
        .catch((error: { code: number }) => codes.add(error.code));
    expect(codes).toEqual(new Set([status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED]));
  });
});

describe("an enrolled agent", () => {
  it("gets the signed policy at once and whenever it changes", async () => {
    const own = await enrolled();
    const { versions } = watch(own);
    await until(() => versions.length === 1);
    const { version: _, ...policy } = demoPolicy([9_999]);
    await perform(setPolicy, services, actor, { site: "s", policy });
    await until(() => versions.length === 2);
    expect(versions).toEqual([1, 2]);
  });

  it("is told its tasks, soon and once", async () => {
    const own = await enrolled();
    const look = { probe: "tls.handshake", subject: { address: "127.18.0.2", transport: "tcp" as const, port: 443 } };
    const waiting = client(own).call<{ task: string; probe: string; subject: object }>("nextTask", {});
    await sleep(50);
    const agent = { tenant: "t", site: "s", agent: own.agent };
    const id = cx.tasks.push(agent, look);
    expect(await waiting).toMatchObject({ task: id, ...look });
    const again = cx.tasks.push(agent, look);
    expect(cx.tasks.push(agent, look)).toBe(again);
  });

  it("reports how it fares, reads our clock, and counts as offline when it falls silent", async () => {
    const own = await enrolled();
    const answer = await client(own).call<{ receivedMs: number; sentMs: number }>("reportStatus", {
      agentVersion: "2",
      wallMs: now + 86_400_000,
      outboxDepth: 7,
    });
    expect(answer).toMatchObject({ receivedMs: now, sentMs: now });
    expect(cx.presence.get({ tenant: "t", site: "s", agent: own.agent })).toMatchObject({
      online: true,
      report: { outboxDepth: 7, clockOffsetMs: 86_400_000 },
    });
    now += 46_000;
    cx.presence.sweep();
    expect(states.map((state) => state.online)).toEqual([true, false]);
  });

  it("is nobody without its certificate, and after its end", async () => {
    await expect(client().call("reportStatus", {})).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
    const own = await enrolled();
    now += DAY;
    await expect(client(own).call("reportStatus", {})).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
  });

  it("is cut at once when revoked: streams, calls, renewals", async () => {
    const own = await enrolled();
    const { versions, ended } = watch(own);
    await until(() => versions.length === 1);
    const at = performance.now();
    await perform(revokeAgent, services, actor, { id: own.agent, reason: "stolen" });
    expect(await ended).toBe(status.PERMISSION_DENIED);
    expect(performance.now() - at).toBeLessThan(5_000);
    for (const name of ["reportStatus", "nextTask"])
      await expect(client(own).call(name, {})).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
    await expect(client(own).call("renew", { csr: own.csr, natsUserKey: own.natsUserKey })).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
    });
    await expect(client(own).call("renew", { csr: own.csr, natsUserKey: createUser().getPublicKey() })).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
    });
  });
});

describe("renewing", () => {
  async function signed(own: Awaited<ReturnType<typeof enrolled>>, key = own.key) {
    const { nonce } = await client().call<{ nonce: Buffer }>("renewNonce", { agent: own.agent });
    const request = { csr: own.csr, natsUserKey: own.natsUserKey, nonce: Buffer.from(nonce) };
    return { ...request, agent: own.agent, signature: sign("sha256", renewalBytes(request), key) };
  }

  it("goes by certificate, keeps the agent and writes no document while nothing changes", async () => {
    const own = await enrolled();
    const seq = log.view.head("t")?.seq;
    now += DAY / 2;
    const { identity } = await client(own).call<{ identity: Identity }>("renew", { csr: own.csr, natsUserKey: own.natsUserKey });
    expect(keys.authority.identify(identity.certificates[0] ?? new Uint8Array(), now)?.identity.agent).toBe(own.agent);
    expect(log.view.head("t")?.seq).toBe(seq);
  });

  it("goes by a signed nonce up to 90 days after the end", async () => {
    const own = await enrolled();
    now += 89 * DAY;
    const { identity } = await client().call<{ identity: Identity }>("renew", await signed(own));
    expect(identity.expiresMs).toBeGreaterThan(now);
    now += 100 * DAY;
    await expect(client().call("renew", await signed(own))).rejects.toMatchObject({ code: status.PERMISSION_DENIED });
  });

  it("refuses another key, another agent's nonce, an old nonce and changed contents", async () => {
    const own = await enrolled();
    const other = await enrolled();
    const refused = { code: status.UNAUTHENTICATED };
    await expect(client().call("renew", await signed(own, other.key))).rejects.toMatchObject(refused);
    await expect(client().call("renew", { ...(await signed(other, own.key)), agent: own.agent })).rejects.toMatchObject(refused);
    await expect(client().call("renew", { ...(await signed(own)), natsUserKey: createUser().getPublicKey() })).rejects.toMatchObject(
      refused,
    );
    for (const signature of [Buffer.alloc(0), Buffer.from("garbage"), Buffer.alloc(20_000, 0x30)]) {
      await expect(client().call("renew", { ...(await signed(own)), signature })).rejects.toMatchObject(refused);
    }
    const late = await signed(own);
    now += 3 * 60_000;
    await expect(client().call("renew", late)).rejects.toMatchObject(refused);
  });

  it("refuses the NATS key of another agent", async () => {
    const own = await enrolled();
    const other = await enrolled();
    await expect(client(own).call("renew", { csr: own.csr, natsUserKey: other.natsUserKey })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });
});

describe("a hostile peer", () => {
  it("does not stop the server with bytes that are no HTTP/2, no message or too many", async () => {
    for (const bytes of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.alloc(100_000, 0xff),
      Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\xff\xff"),
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connectTls(
          { host: "127.0.0.1", port: server.port, ca: keys.authority.pem, servername: "", ALPNProtocols: ["h2"] },
          () => socket.end(bytes),
        );
        socket.on("error", () => resolve());
        socket.on("close", () => resolve());
        setTimeout(() => socket.destroy(), 500);
      });
    }
    const own = await enrolled();
    await expect(client().call("enroll", { token: "x".repeat(100_000) })).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await client(own).call("reportStatus", { agentVersion: "v".repeat(1_000), epoch: "\0".repeat(100) });
    expect(faults).toEqual([]);
  });
});
