/** One socket of the live feed: what it subscribed to, how far it has got. What it may see is asked anew for every message and every read. */
import type { RawData, WebSocket } from "ws";
import { z } from "zod";
import { Rate } from "../control/rate.ts";
import { LIVE_MESSAGES } from "./limit.ts";
import { beginning, decodePositions, encodePositions, isBefore, type LivePosition, MAX_CURSOR_CHARS } from "./live-position.ts";
import type { LiveOptions, LiveViewer } from "./live-types.ts";
import { ProblemError, problem } from "./problem.ts";
import { EventKind } from "./shape.ts";

const Subscribe = z.strictObject({
  subscribe: z.strictObject({
    site: z.string().max(64).optional(),
    kinds: z.array(EventKind).max(6).optional(),
    after: z.string().max(MAX_CURSOR_CHARS).nullable().optional(),
  }),
});

interface Subscription {
  /** null: every site that the viewer may see. */
  readonly site: string | null;
  readonly kinds: readonly string[] | null;
}

const PAGE = 200;
/** A client that takes nothing for this many bytes is cut; it resumes by its cursor. */
const MAX_BUFFERED = 4 * 1024 * 1024;

/** Close codes of our own (RFC 6455, 7.4.2), by the HTTP status that they resemble. */
const CLOSE = { signInAgain: 4401, notPermitted: 4403, tooSlow: 4408, tooMany: 4429, ourFault: 1011 } as const;

export class LiveClient {
  readonly #ws: WebSocket;
  readonly #viewer: LiveViewer;
  readonly #options: LiveOptions;
  readonly #messages = new Rate({ ...LIVE_MESSAGES, now: () => performance.now(), keys: 1 });
  #subscription: Subscription | null = null;
  #positions = new Map<number, LivePosition>();
  /** Messages are taken one after the other: the last one said counts. */
  #received: Promise<void> = Promise.resolve();
  #looking = false;
  #again = false;
  #answered = true;

  constructor(ws: WebSocket, viewer: LiveViewer, options: LiveOptions) {
    this.#ws = ws;
    this.#viewer = viewer;
    this.#options = options;
    ws.on("message", (bytes) => {
      if (!this.#messages.take("")) return this.close(CLOSE.tooMany, "too many messages");
      this.#received = this.#received.then(() => this.#receive(bytes));
    });
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
    this.#subscription = null;
    this.#ws.close(code, reason);
  }

  /** Never rejects. */
  async #receive(bytes: RawData): Promise<void> {
    try {
      const parsed = Subscribe.safeParse(parseJson(bytes));
      if (!parsed.success) throw new ProblemError(400, 'subscribe: send {"subscribe":{"site"?,"kinds"?,"after"?}}', "subscribe");
      const { site, kinds, after } = parsed.data.subscribe;
      await this.#subscribe({ site: site ?? null, kinds: kinds ?? null }, after ?? null);
    } catch (error) {
      if (error instanceof ProblemError) return this.#send({ problem: problem(error.statusCode, error.message, error.field) });
      this.#options.logger.error({ err: error }, "a live subscription failed");
      this.close(CLOSE.ourFault, "try again");
    }
  }

  /** @throws ProblemError 400 for the cursor, 403 for the site */
  async #subscribe(subscription: Subscription, after: string | null): Promise<void> {
    const told = after === null ? null : decodePositions(after);
    const sites = this.#sites(subscription.site);
    if (sites === "ended") return this.close(CLOSE.signInAgain, "sign in again");
    if (sites === "not permitted") throw new ProblemError(403, "site: not permitted", "site");
    const ends = await this.#options.source.ends(this.#viewer.tenant, sites);
    // A bucket that the cursor does not name is new since then: it is read from its beginning.
    const starts = ends.map((end) => (told === null ? end : (told.get(end.bucket) ?? beginning(end.bucket))));
    this.#positions = new Map(starts.map((p) => [p.bucket, p]));
    this.#subscription = subscription;
    this.#send({ subscribed: subscription, cursor: encodePositions(this.#positions) });
    this.look();
  }

  /** The sites that a subscription covers as of now. */
  #sites(site: string | null): readonly string[] | "ended" | "not permitted" {
    const sites = this.#viewer.sites();
    if (sites === null) return "ended";
    if (site === null) return sites;
    return sites.includes(site) ? [site] : "not permitted";
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
    const sites = this.#sites(subscription.site);
    if (sites === "ended") return this.close(CLOSE.signInAgain, "sign in again");
    if (sites === "not permitted") return this.close(CLOSE.notPermitted, "the site may no longer be seen");
    for (const end of await this.#options.source.ends(this.#viewer.tenant, sites)) {
      if (this.#subscription !== subscription) return;
      // The bucket of a site that came since the subscription joins with its whole history.
      if (!this.#positions.has(end.bucket)) this.#positions.set(end.bucket, beginning(end.bucket));
      await this.#drainTo(end, subscription, sites);
    }
  }

  /** Sends what one bucket has up to its end. */
  async #drainTo(end: LivePosition, subscription: Subscription, sites: readonly string[]): Promise<void> {
    for (;;) {
      const from = this.#positions.get(end.bucket);
      if (from === undefined || !isBefore(from, end)) return;
      const found = await this.#options.source.after(this.#viewer.tenant, sites, subscription.kinds, from, PAGE);
      if (this.#subscription !== subscription) return;
      for (const { event, position } of found) {
        // Written but not applied yet: it may still come to nothing.
        if (isBefore(end, position)) return;
        this.#positions.set(end.bucket, position);
        this.#send({ event, cursor: encodePositions(this.#positions) });
      }
      if (this.#ws.bufferedAmount > MAX_BUFFERED) return this.close(CLOSE.tooSlow, "too slow; resume from the last cursor");
      if (found.length < PAGE) break;
    }
    // Nothing more lies before the end, so nothing need be read there again.
    const last = this.#positions.get(end.bucket);
    if (last !== undefined && isBefore(last, end)) this.#positions.set(end.bucket, end);
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
