/**
 * The live feed: WS /api/v1/live. A client subscribes with {"subscribe":{"site"?,"kinds"?,"after"?}} and gets frames
 * {event, cursor}. Frames are always read from ClickHouse after the client's position, so a wake-up that is lost or comes
 * twice makes neither a gap nor a double; the cursor outlives the broker's streams.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { Rate } from "../control/rate.ts";
import { LIVE_UPGRADES } from "./limit.ts";
import { LiveClient } from "./live-client.ts";
import { MAX_CURSOR_CHARS } from "./live-position.ts";
import type { LiveOptions, LiveViewer } from "./live-types.ts";

const PATH = "/api/v1/live";
/** A wake-up may be lost; this often the feed looks by itself. */
const LOOK_MS = 1_000;
const PING_MS = 20_000;
const CLOSE_MS = 2_000;
const MAX_CLIENTS = 500;
const MAX_CLIENTS_EACH = 50;

export interface LiveFeed {
  /** Something was applied: look now. */
  wake(): void;
  close(): Promise<void>;
}

export function attachLive(server: Server, options: LiveOptions): LiveFeed {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_CURSOR_CHARS + 1024, clientTracking: true });
  const clients = new Map<LiveClient, string>();
  const upgrades = new Rate({ ...LIVE_UPGRADES, now: () => performance.now() });

  /** The viewer, or the status line of the refusal. */
  const admit = (request: IncomingMessage): LiveViewer | string => {
    if (request.url?.split("?")[0] !== PATH) return "404 Not Found";
    if (!upgrades.take(request.socket.remoteAddress ?? "")) return "429 Too Many Requests";
    if (!options.originAllowed(request)) return "403 Forbidden";
    const viewer = options.authenticate(request);
    if (viewer === null) return "401 Unauthorized\r\nWWW-Authenticate: Bearer";
    const own = [...clients.values()].filter((id) => id === viewer.id).length;
    if (own >= MAX_CLIENTS_EACH) return "429 Too Many Requests";
    return clients.size >= MAX_CLIENTS ? "503 Service Unavailable" : viewer;
  };

  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    };
    let viewer: LiveViewer | string;
    try {
      viewer = admit(request);
    } catch (error) {
      options.logger.error({ err: error }, "a live client could not be authenticated");
      viewer = "500 Internal Server Error";
    }
    if (typeof viewer === "string") return refuse(viewer);
    const admitted = viewer;
    sockets.handleUpgrade(request, socket, head, (ws) => {
      const client = new LiveClient(ws, admitted, options);
      clients.set(client, admitted.id);
      ws.once("close", () => clients.delete(client));
    });
  });

  const wake = () => {
    for (const client of clients.keys()) client.look();
  };
  const looking = setInterval(wake, LOOK_MS);
  const pinging = setInterval(() => {
    for (const client of clients.keys()) client.ping();
  }, PING_MS);
  return {
    wake,
    async close() {
      clearInterval(looking);
      clearInterval(pinging);
      for (const client of clients.keys()) client.close(1001, "the collector stops");
      const cut = setTimeout(() => {
        for (const ws of sockets.clients) ws.terminate();
      }, CLOSE_MS);
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
      clearTimeout(cut);
    },
  };
}
