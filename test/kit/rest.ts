/** The public API as a program uses it: REST with a token, and the live feed. */
import type { Assessment, Device, DeviceDetail, Event, Timeline } from "@vedette/collector/src/api/shape.ts";
import { WebSocket } from "ws";
import { waitFor } from "./wait.ts";

export type RecordedEvent = Event & { readonly recordedat: string };

export interface LiveFrames {
  readonly events: readonly RecordedEvent[];
  /** Of the last frame. */
  cursor(): string;
  close(): void;
}

export interface RestApi {
  /** Ends with a slash. */
  readonly url: string;
  /** @throws on any status but 200 */
  get<T>(path: string): Promise<T>;
  /** The very bytes of a GET under /api/v1. @throws on any status but 200 */
  text(path: string): Promise<string>;
  devices(): Promise<Device[]>;
  device(id: string): Promise<DeviceDetail>;
  assessment(id: string): Promise<Assessment>;
  timeline(id: string): Promise<Timeline>;
  /** All events, oldest first. */
  events(): Promise<RecordedEvent[]>;
  metrics(): Promise<string>;
  ready(): Promise<boolean>;
  /** Subscribes to everything of the site, from now or from a cursor. */
  live(after?: string): Promise<LiveFrames>;
}

export function restApi(url: string, token: string): RestApi {
  const headers = { authorization: `Bearer ${token}` };
  const text = async (path: string) => {
    const response = await fetch(`${url}api/v1${path}`, { headers });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status} ${body}`);
    return body;
  };
  const get = async <T>(path: string) => JSON.parse(await text(path)) as T;
  const pages = async <T>(path: string) => {
    const items: T[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { items: T[]; nextCursor: string | null } = await get(`${path}${cursor === "" ? "" : `&cursor=${cursor}`}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    }
    return items;
  };
  return {
    url,
    get,
    text,
    devices: () => pages<Device>("/devices?limit=200"),
    device: (id) => get(`/devices/${id}`),
    assessment: (id) => get(`/devices/${id}/assessment`),
    timeline: (id) => get(`/devices/${id}/timeline`),
    events: async () => (await pages<RecordedEvent>("/events?limit=200")).reverse(),
    metrics: async () => (await fetch(`${url}metrics`)).text(),
    ready: () =>
      fetch(`${url}readyz`).then(
        (response) => response.ok,
        () => false,
      ),
    async live(after) {
      const socket = new WebSocket(`${url.replace("http", "ws")}api/v1/live`, { headers });
      const events: RecordedEvent[] = [];
      let cursor = "";
      socket.on("message", (bytes: Buffer) => {
        const frame = JSON.parse(bytes.toString()) as { event?: RecordedEvent; cursor?: string; problem?: unknown };
        if (frame.problem !== undefined) socket.close();
        if (frame.event !== undefined) events.push(frame.event);
        if (frame.cursor !== undefined) cursor = frame.cursor;
      });
      await new Promise<void>((resolve, reject) => {
        socket.once("open", resolve);
        socket.once("error", reject);
      });
      // How the feed ends is not this one's matter.
      socket.on("error", () => undefined);
      socket.send(JSON.stringify({ subscribe: after === undefined ? {} : { after } }));
      await waitFor("the subscription stands", () => cursor !== "");
      return { events, cursor: () => cursor, close: () => socket.close() };
    },
  };
}
