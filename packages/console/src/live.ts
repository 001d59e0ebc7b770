/**
 * The live feed: one WebSocket to /api/v1/live that resumes by its cursor. The collector sends what came after the cursor
 * from its store, so a reconnect neither loses nor doubles an event.
 */
import type { Event } from "@vedette/collector/api";

export type LivePhase = "connecting" | "open" | "away";

export interface LiveListener {
  /** The first subscription stands: history read after this has no gap to what follows. */
  opened(): void;
  event(event: Event): void;
  phase(phase: LivePhase): void;
  /** The session has ended. */
  refused(): void;
}

/** What the feed needs of the platform; tests bring their own. */
export interface LivePlatform {
  open(): WebSocket;
  setTimer(run: () => void, ms: number): () => void;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** The collector closes with it when the session has ended. */
const SIGN_IN_AGAIN = 4401;

export const browserPlatform: LivePlatform = {
  open: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/live`),
  setTimer(run, ms) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

interface Frame {
  readonly subscribed?: unknown;
  readonly event?: Event;
  readonly cursor?: string;
  readonly problem?: { readonly title: string; readonly status: number };
}

/** Connects, and reconnects with growing pauses, until the returned function is called. */
export function followLive(listener: LiveListener, platform: LivePlatform = browserPlatform): () => void {
  let socket: WebSocket | null = null;
  let cursor: string | null = null;
  let retry = FIRST_RETRY_MS;
  let stopped = false;
  let cancelTimer = () => {};

  const receive = (frame: Frame) => {
    if (frame.problem !== undefined) {
      // A cursor that is no longer understood: start at the end, and let the history be read again.
      cursor = null;
      socket?.close();
      return;
    }
    const first = cursor === null;
    if (frame.cursor !== undefined) cursor = frame.cursor;
    if (frame.subscribed !== undefined) {
      retry = FIRST_RETRY_MS;
      listener.phase("open");
      if (first) listener.opened();
    }
    if (frame.event !== undefined) listener.event(frame.event);
  };

  const connect = () => {
    const ws = platform.open();
    socket = ws;
    ws.onopen = () => ws.send(JSON.stringify({ subscribe: { after: cursor } }));
    ws.onmessage = (message) => {
      if (!stopped) receive(JSON.parse(String(message.data)) as Frame);
    };
    ws.onclose = (close) => {
      if (stopped) return;
      listener.phase("away");
      if (close.code === SIGN_IN_AGAIN) return listener.refused();
      cancelTimer = platform.setTimer(connect, retry);
      retry = Math.min(retry * 2, LAST_RETRY_MS);
    };
  };

  listener.phase("connecting");
  connect();
  return () => {
    stopped = true;
    cancelTimer();
    socket?.close();
  };
}
