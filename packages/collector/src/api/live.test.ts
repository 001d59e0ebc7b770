import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { attachLive, type LiveFeed } from "./live.ts";
import { decodePositions, encodePositions, type LivePosition } from "./live-position.ts";
import type { LiveEvent } from "./live-types.ts";
import type { Event } from "./shape.ts";

/** Events of two buckets kept in memory, as ClickHouse keeps them. */
class Source {
  rows: LiveEvent[] = [];
  add(bucket: number, seq: number, id: string): void {
    this.rows.push({
      position: { bucket, era: 1, seq, event: id },
      event: {
        id,
        specversion: "1.0",
        source: "x",
        type: "drift",
        time: "2026-01-01T00:00:00Z",
        data: { reason: { en: "", "zh-TW": "" }, severity: "low", evidence: [] },
      } as Event,
    });
  }
  async ends(): Promise<LivePosition[]> {
    const ends = new Map<number, LivePosition>();
    for (const r of this.rows) ends.set(r.position.bucket, { ...r.position, event: "~" });
    return [...ends.values()];
  }
  async after(_t: string, _s: readonly string[], _k: unknown, p: LivePosition, limit: number): Promise<LiveEvent[]> {
    const key = (x: LivePosition) => `${String(x.seq).padStart(9, "0")}/${x.event}`;
    return this.rows.filter((r) => r.position.bucket === p.bucket && key(r.position) > key(p)).slice(0, limit);
  }
}

let server: Server;
let feed: LiveFeed;
let source: Source;
let signedIn: boolean;
let sites: string[];
let allowed: boolean;

beforeEach(async () => {
  source = new Source();
  signedIn = true;
  sites = ["s"];
  allowed = true;
  server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  feed = attachLive(server, {
    source,
    logger: pino({ level: "silent" }),
    authenticate: () => (signedIn ? { id: "user-1", tenant: "t", sites: () => (signedIn ? sites : null) } : null),
    originAllowed: () => allowed,
  });
});
afterEach(async () => {
  await feed.close();
  server.close();
});

interface Frame {
  event?: { id: string };
  cursor?: string;
  problem?: { status: number };
  subscribed?: unknown;
}

async function open(subscribe: object): Promise<{ frames: Frame[]; ws: WebSocket; until(n: number): Promise<void> }> {
  const ws = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/live`);
  const frames: Frame[] = [];
  ws.on("message", (m) => frames.push(JSON.parse(String(m)) as Frame));
  await new Promise((resolve, reject) => {
    ws.once("open", resolve);
    ws.once("error", reject);
  });
  ws.send(JSON.stringify({ subscribe }));
  const until = async (n: number) => {
    for (let i = 0; i < 200 && frames.length < n; i++) await new Promise((r) => setTimeout(r, 10));
    expect(frames.length).toBeGreaterThanOrEqual(n);
  };
  return { frames, ws, until };
}

describe("live feed", () => {
  it("sends what comes after the subscription, once, and resumes from a cursor without a gap", async () => {
    source.add(1, 1, "old");
    const first = await open({});
    await first.until(1);
    source.add(1, 2, "a");
    source.add(1, 2, "b");
    source.add(2, 1, "c");
    feed.wake();
    feed.wake();
    await first.until(4);
    expect(first.frames.slice(1).map((f) => f.event?.id)).toEqual(["a", "b", "c"]);
    const afterA = first.frames[1]?.cursor;
    first.ws.close();
    source.add(1, 3, "d");
    const second = await open({ after: afterA });
    await second.until(4);
    expect(second.frames.slice(1).map((f) => f.event?.id)).toEqual(["b", "d", "c"]);
    second.ws.close();
  });

  it("refuses strangers, foreign origins, foreign sites and nonsense", async () => {
    const client = await open({ site: "foreign" });
    await client.until(1);
    expect(client.frames[0]?.problem?.status).toBe(403);
    client.ws.send("{");
    await client.until(2);
    expect(client.frames[1]?.problem?.status).toBe(400);
    client.ws.close();
    signedIn = false;
    await expect(open({})).rejects.toThrow(/401/);
    signedIn = true;
    allowed = false;
    await expect(open({})).rejects.toThrow(/403/);
  });

  it("ends when the session does, and when the site may no longer be seen", async () => {
    const closed = (ws: WebSocket) => new Promise<number>((resolve) => ws.once("close", resolve));
    const one = await open({ site: "s" });
    await one.until(1);
    sites = [];
    feed.wake();
    expect(await closed(one.ws)).toBe(4403);
    const other = await open({});
    await other.until(1);
    signedIn = false;
    feed.wake();
    expect(await closed(other.ws)).toBe(4401);
  });

  it("reads a bucket only where its end has moved", async () => {
    source.add(1, 1, "a");
    const client = await open({});
    await client.until(1);
    let reads = 0;
    const after = source.after.bind(source);
    source.after = (...asked) => {
      reads += 1;
      return after(...asked);
    };
    for (let i = 0; i < 5; i++) {
      feed.wake();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(reads).toBe(0);
    source.add(1, 2, "b");
    feed.wake();
    await client.until(2);
    expect(client.frames[1]?.event?.id).toBe("b");
    client.ws.close();
  });

  it("cuts a client that floods it with messages", async () => {
    const { ws } = await open({});
    const closed = new Promise<number>((resolve) => ws.once("close", resolve));
    for (let i = 0; i < 200; i++) ws.send("{}");
    expect(await closed).toBe(4429);
  });

  it("takes a cursor of a thousand buckets", async () => {
    source.add(999, 1, "a");
    const after = encodePositions(
      new Map(Array.from({ length: 1_000 }, (_, bucket) => [bucket, { bucket, era: 1, seq: 4_000_000_000, event: "f".repeat(40) }])),
    );
    const client = await open({ after });
    await client.until(1);
    expect(client.frames[0]?.subscribed).toBeDefined();
    client.ws.close();
  });

  it("keeps positions through a cursor", () => {
    const positions = new Map([[7, { bucket: 7, era: 2, seq: 9, event: "x" }]]);
    expect(decodePositions(encodePositions(positions))).toEqual(positions);
    expect(() => decodePositions("!!")).toThrow(/cursor/);
    for (const told of ['["a",1,2,"x"]', '[["a",1,2,"x"]]', "[[1,1e99,2,3]]", '[[1,-1,2,"x"]]', "{}", "[[]]"]) {
      expect(() => decodePositions(Buffer.from(told).toString("base64url"))).toThrow(/after/);
    }
  });
});
