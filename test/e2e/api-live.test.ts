/** The live feed over real sockets and a real store: who gets in, what he sees, and that a cursor leaves no gap. */
import { startApi } from "@vedette/collector/src/api/server.ts";
import type { Grant } from "@vedette/collector/src/document/kinds.ts";
import { systemActor } from "@vedette/collector/src/service/actor.ts";
import { VERBS } from "@vedette/collector/src/service/index.ts";
import { perform } from "@vedette/collector/src/service/verb.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type SeededApi, startSeededApi } from "../kit/seeded-api.ts";
import { eventRow, insertChangeset, type Place, REVISED_AT } from "../kit/seeded-rows.ts";
import { waitFor } from "../kit/wait.ts";

let api: SeededApi;
let server: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  api = await startSeededApi();
  server = await startApi(api.cx, { host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await server?.stop();
  await api?.stop();
});

interface Frame {
  readonly event?: { readonly id: string };
  readonly cursor?: string;
  readonly problem?: { readonly status: number; readonly field?: string; readonly title: string };
  readonly subscribed?: object;
}

interface Socket {
  readonly frames: Frame[];
  readonly closed: Promise<number>;
  say(message: unknown): void;
  ids(): string[];
  close(): void;
}

const base = () => `http://127.0.0.1:${server.port}`;
const bearerOf = async (tenant: string, ...grants: Grant[]) => ({ authorization: `Bearer ${await api.token(tenant, grants)}` });
const ALL: Grant = { site: null, role: "viewer" };

/** @throws with the status where the upgrade is refused */
async function open(headers: Record<string, string>, path = "/api/v1/live"): Promise<Socket> {
  const ws = new WebSocket(`${base().replace("http", "ws")}${path}`, { headers });
  const frames: Frame[] = [];
  ws.on("message", (m) => frames.push(JSON.parse(String(m)) as Frame));
  await new Promise((resolve, reject) => {
    ws.once("open", resolve);
    ws.once("error", reject);
  });
  return {
    frames,
    closed: new Promise((resolve) => ws.once("close", resolve)),
    say: (message) => ws.send(JSON.stringify(message)),
    ids: () => frames.flatMap((f) => (f.event === undefined ? [] : [f.event.id])),
    close: () => ws.close(),
  };
}

async function subscribed(headers: Record<string, string>, subscribe: object = {}): Promise<Socket> {
  const socket = await open(headers);
  socket.say({ subscribe });
  await waitFor("the subscription", () => socket.frames[0]);
  return socket;
}

/** Seq of the next changeset by site; the rows of the seed are 1 and 2. */
const seqs = new Map<string, number>();

async function happen(at: Place, ...ids: string[]): Promise<void> {
  const seq = (seqs.get(`${at.tenant}/${at.site}`) ?? 2) + 1;
  seqs.set(`${at.tenant}/${at.site}`, seq);
  const recordedAt = REVISED_AT + seq * 1_000;
  await insertChangeset(api.cx.store, at, seq, recordedAt, { event: ids.map((id) => eventRow(at, id, recordedAt)) });
  server.live.wake();
}

const S1 = { tenant: "t", site: "s1" };
const S2 = { tenant: "t", site: "s2" };
const FOREIGN = { tenant: "u", site: "s1" };

describe("an upgrade", () => {
  it("is refused to strangers, to foreign origins, to tokens in the URL and at other paths", async () => {
    const bearer = await bearerOf("t", ALL);
    await expect(open({})).rejects.toThrow("401");
    await expect(open({ authorization: "Bearer vdk1.t.none.x" })).rejects.toThrow("401");
    await expect(open({}, `/api/v1/live?token=${bearer.authorization.slice(7)}`)).rejects.toThrow("401");
    await expect(open({ ...bearer, origin: "http://evil.example" })).rejects.toThrow("403");
    await expect(open({ ...bearer, origin: `http://127.0.0.1:${server.port + 1}` })).rejects.toThrow("403");
    await expect(open(bearer, "/api/v1/other")).rejects.toThrow("404");
    (await open({ ...bearer, origin: base() })).close();
  });

  it("takes the session of a browser, until it ends", async () => {
    const person = { login: "viewer", name: "V", password: "a long enough one", grants: [ALL] };
    await perform(VERBS.createUser, api.services, systemActor("t"), person);
    const json = { "content-type": "application/json" };
    const body = JSON.stringify({ user: person.login, password: person.password });
    const signedIn = await fetch(`${base()}/api/v1/session`, { method: "POST", headers: json, body });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    await expect(open({ cookie, origin: "http://evil.example" })).rejects.toThrow("403");
    const socket = await subscribed({ cookie, origin: base() });
    await fetch(`${base()}/api/v1/session`, { method: "DELETE", headers: { cookie, "x-vedette-console": "1" } });
    expect(await socket.closed).toBe(4401);
    await expect(open({ cookie, origin: base() })).rejects.toThrow("401");
  });
});

describe("a subscription", () => {
  it("covers what the viewer may see, and a site of others is a problem", async () => {
    const scoped = await subscribed(await bearerOf("t", { site: "s1", role: "viewer" }));
    const whole = await subscribed(await bearerOf("t", ALL));
    const foreign = await subscribed(await bearerOf("u", ALL));
    await happen(S2, "of-s2");
    await happen(FOREIGN, "of-u");
    await happen(S1, "of-s1");
    await waitFor("all events", () => whole.ids().length === 2 && scoped.ids().length === 1 && foreign.ids().length === 1);
    expect(scoped.ids()).toEqual(["of-s1"]);
    expect(whole.ids().sort()).toEqual(["of-s1", "of-s2"]);
    expect(foreign.ids()).toEqual(["of-u"]);
    for (const site of ["s2", "none"]) {
      scoped.say({ subscribe: { site } });
      const problem = await waitFor("a problem", () => scoped.frames.find((f) => f.problem !== undefined)?.problem);
      expect(problem).toEqual({ type: "about:blank", title: "Not permitted", status: 403, detail: "site: not permitted", field: "site" });
      scoped.frames.length = 0;
    }
    for (const socket of [scoped, whole, foreign]) socket.close();
  });

  it("ends within a look when the token is revoked", async () => {
    const bearer = await bearerOf("t", ALL);
    const socket = await subscribed(bearer);
    const id = bearer.authorization.split(".")[2] ?? "";
    await perform(VERBS.revokeToken, api.services, systemActor("t"), { id });
    expect(await socket.closed).toBe(4401);
  });

  it("resumes from a cursor without a gap and without a double", async () => {
    const bearer = await bearerOf("t", ALL);
    const first = await subscribed(bearer);
    await happen(S1, "r-1", "r-2");
    await happen(S2, "r-3");
    await waitFor("three events", () => first.ids().length === 3);
    const cursors = first.frames.slice(1).map((f) => [f.event?.id, f.cursor] as const);
    first.close();
    await first.closed;
    await happen(S1, "r-4");
    await happen(S2, "r-5");
    for (const [i, [, after]] of cursors.entries()) {
      const socket = await subscribed(bearer, { after });
      const missed = [...cursors.slice(i + 1).map(([id]) => id), "r-4", "r-5"].sort();
      await waitFor("what was missed", () => socket.ids().length >= missed.length);
      server.live.wake();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(socket.ids().sort()).toEqual(missed);
      socket.close();
    }
    const fresh = await subscribed(bearer);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(fresh.ids()).toEqual([]);
    fresh.close();
  });

  it("that makes no sense is a problem, and the socket stays", async () => {
    const socket = await open(await bearerOf("t", ALL));
    const odd = [{}, { subscribe: { kinds: ["none"] } }, { subscribe: { after: "x" } }, { subscribe: {}, more: 1 }, [], null];
    for (const message of odd) socket.say(message);
    await waitFor("problems", () => socket.frames.length === odd.length);
    expect(socket.frames.map((f) => f.problem?.status)).toEqual(odd.map(() => 400));
    socket.say({ subscribe: { kinds: ["transition"] } });
    await waitFor("the subscription", () => socket.frames.at(-1)?.subscribed);
    await happen(S1, "a-drift");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(socket.ids()).toEqual([]);
    socket.close();
  });
});
