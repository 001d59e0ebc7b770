/**
 * The live feed: WS /api/v1/live. A client subscribes with {"subscribe":{"site"?,"kinds"?,"after"?}} and gets frames
 * {event, cursor}. Frames are always read from ClickHouse after the client's position, so a wake-up that is lost or comes
 * twice makes neither a gap nor a double; the cursor outlives the broker's streams.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { BaseLogger } from "pino";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { ProblemError } from "./problem.ts";
import { type Event, EventKind } from "./shape.ts";

/** Where a client stands in one bucket: everything up to and including this event was sent. */
export interface LivePosition {
  readonly bucket: number;
  readonly era: number;
  readonly seq: number;
  /** Id of the last event sent of that changeset; "" for none, "~" for all. */
  readonly event: string;
}

export interface LiveEvent {
  readonly position: LivePosition;
  readonly event: Event;
}

/** What the feed needs of the rest. */
export interface LiveSource {
  /** The end of each bucket that holds one of these sites; null for all of the tenant. */
  ends(tenant: string, site: string | null): Promise<readonly LivePosition[]>;
  /** Events after the position in its bucket, oldest first. */
  after(
    tenant: string,
    site: string | null,
    kinds: readonly string[] | null,
    position: LivePosition,
    limit: number,
  ): Promise<readonly LiveEvent[]>;
}

/** Who is asking, and whether he may still see a site. */
export interface LiveViewer {
  readonly tenant: string;
  /** False also once the session has ended. */
  maySee(site: string | null): boolean;
}

const Subscribe = z.strictObject({
  subscribe: z.strictObject({
    site: z.string().max(64).optional(),
    kinds: z.array(EventKind).max(6).optional(),
    after: z.string().max(4096).nullable().optional(),
  }),
});

const PATH = "/api/v1/live";
const PAGE = 200;
/** A wake-up may be lost; this often the feed looks by itself. */
const LOOK_MS = 1_000;
const PING_MS = 20_000;
/** A client that takes nothing for this many bytes is cut; it resumes by its cursor. */
const MAX_BUFFERED = 4 * 1024 * 1024;
const MAX_CLIENTS = 500;

export interface LiveFeed {
  /** Something was applied: look now. */
  wake(): void;
  close(): Promise<void>;
}

export interface LiveOptions {
  readonly source: LiveSource;
  readonly logger: Pick<BaseLogger, "error" | "warn">;
  /** Null: not signed in. */
  authenticate(request: IncomingMessage): Promise<LiveViewer | null>;
  /** True where the Origin header is of this console or absent (no browser). */
  originAllowed(request: IncomingMessage): boolean;
}

export function attachLive(server: Server, options: LiveOptions): LiveFeed {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 8 * 1024, clientTracking: true });
  const clients = new Set<Client>();

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refuse = (status: string) => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    socket.on("error", () => socket.destroy());
    if (request.url?.split("?")[0] !== PATH) return refuse("404 Not Found");
    if (!options.originAllowed(request)) return refuse("403 Forbidden");
    if (clients.size >= MAX_CLIENTS) return refuse("503 Service Unavailable");
    options.authenticate(request).then(
      (viewer) => {
        if (viewer === null) return refuse("401 Unauthorized");
        sockets.handleUpgrade(request, socket, head, (ws) => {
          const client = new Client(ws, viewer, options);
          clients.add(client);
          ws.once("close", () => clients.delete(client));
        });
      },
      (error: unknown) => {
        options.logger.error({ err: error }, "a live client could not be authenticated");
        refuse("503 Service Unavailable");
      },
    );
  });

  const wake = () => {
    for (const client of clients) client.look();
  };
  const looking = setInterval(wake, LOOK_MS);
  const pinging = setInterval(() => {
    for (const client of clients) client.ping();
  }, PING_MS);
  return {
    wake,
    async close() {
      clearInterval(looking);
      clearInterval(pinging);
      for (const client of clients) client.close(1001, "the collector stops");
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

class Client {
  readonly #ws: WebSocket;
  readonly #viewer: LiveViewer;
  readonly #options: LiveOptions;
  #subscription: { site: string | null; kinds: readonly string[] | null } | null = null;
  #positions = new Map<number, LivePosition>();
  #looking = false;
  #again = false;
  #answered = true;

  constructor(ws: WebSocket, viewer: LiveViewer, options: LiveOptions) {
    this.#ws = ws;
    this.#viewer = viewer;
    this.#options = options;
    ws.on("message", (bytes) => void this.#receive(bytes));
    ws.on("pong", () => {
      this.#answered = true;
    });
    ws.on("error", () => ws.terminate());
  }

  ping(): void {
    if (!this.#answered) {
      this.#ws.terminate();
      return;
    }
    this.#answered = false;
    this.#ws.ping();
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  async #receive(bytes: RawData): Promise<void> {
    try {
      const parsed = Subscribe.safeParse(parseJson(bytes));
      if (!parsed.success) throw new ProblemError(400, 'send {"subscribe":{"site"?,"kinds"?,"after"?}}', "subscribe");
      const { site, kinds, after } = parsed.data.subscribe;
      if (!this.#viewer.maySee(site ?? null)) throw new ProblemError(403, "site: not permitted", "site");
      const ends = await this.#options.source.ends(this.#viewer.tenant, site ?? null);
      const positions = new Map(ends.map((p) => [p.bucket, p]));
      // A bucket that the cursor does not name is new since then: it is read from its beginning.
      if (after !== undefined && after !== null) {
        const told = decodePositions(after);
        for (const bucket of positions.keys()) positions.set(bucket, told.get(bucket) ?? { bucket, era: 0, seq: 0, event: "" });
      }
      this.#positions = positions;
      this.#subscription = { site: site ?? null, kinds: kinds ?? null };
      this.#send({ subscribed: { site: site ?? null, kinds: kinds ?? null }, cursor: encodePositions(positions) });
      this.look();
    } catch (error) {
      if (error instanceof ProblemError) this.#send({ problem: { title: error.message, status: error.statusCode, field: error.field } });
      else {
        this.#options.logger.error({ err: error }, "a live subscription failed");
        this.close(1011, "try again");
      }
    }
  }

  /** Sends what is new; calls while it works make it look once more. */
  look(): void {
    if (this.#subscription === null) return;
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    this.#drain()
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, "the live feed could not read; it tries again");
      })
      .finally(() => {
        this.#looking = false;
        if (this.#again) {
          this.#again = false;
          this.look();
        }
      });
  }

  async #drain(): Promise<void> {
    const subscription = this.#subscription;
    if (subscription === null) return;
    const { site, kinds } = subscription;
    if (!this.#viewer.maySee(site)) return this.close(4401, "sign in again");
    // Buckets of sites that came since the subscription join with their whole history.
    for (const end of await this.#options.source.ends(this.#viewer.tenant, site)) {
      if (!this.#positions.has(end.bucket)) this.#positions.set(end.bucket, { bucket: end.bucket, era: 0, seq: 0, event: "" });
    }
    for (const bucket of [...this.#positions.keys()]) {
      for (;;) {
        const from = this.#positions.get(bucket);
        if (from === undefined || this.#subscription !== subscription) return;
        const found = await this.#options.source.after(this.#viewer.tenant, site, kinds, from, PAGE);
        if (this.#subscription !== subscription) return;
        for (const { event, position } of found) {
          this.#positions.set(bucket, position);
          this.#send({ event, cursor: encodePositions(this.#positions) });
        }
        if (this.#ws.bufferedAmount > MAX_BUFFERED) return this.close(4408, "too slow; resume from the last cursor");
        if (found.length < PAGE) break;
      }
    }
  }

  #send(frame: unknown): void {
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.send(JSON.stringify(frame));
  }
}

function parseJson(bytes: RawData): unknown {
  try {
    return JSON.parse(String(bytes));
  } catch {
    return null;
  }
}

export function encodePositions(positions: ReadonlyMap<number, LivePosition>): string {
  return encodeCursor([...positions.values()].sort((a, b) => a.bucket - b.bucket).flatMap((p) => [p.bucket, p.era, p.seq, p.event]));
}

/** @throws ProblemError 400 where the text is not one of our cursors */
export function decodePositions(text: string): Map<number, LivePosition> {
  const flat = decodeCursor(text, null);
  const positions = new Map<number, LivePosition>();
  for (let i = 0; i < flat.length; i += 4) {
    const [bucket, era, seq, event] = flat.slice(i, i + 4);
    if (typeof bucket !== "number" || typeof era !== "number" || typeof seq !== "number" || typeof event !== "string") {
      throw new ProblemError(400, "after: not a cursor of the live feed", "after");
    }
    positions.set(bucket, { bucket, era, seq, event });
  }
  return positions;
}
