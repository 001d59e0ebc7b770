/** What the live feed needs of the rest. */
import type { IncomingMessage } from "node:http";
import type { BaseLogger } from "pino";
import type { LivePosition } from "./live-position.ts";
import type { Event } from "./shape.ts";

export interface LiveEvent {
  readonly position: LivePosition;
  readonly event: Event;
}

/** Its reads. */
export interface LiveSource {
  /** The end of each bucket that holds one of these sites: what is applied and visible. */
  ends(tenant: string, sites: readonly string[]): Promise<readonly LivePosition[]>;
  /** Events after the position in its bucket, oldest first. */
  after(
    tenant: string,
    sites: readonly string[],
    kinds: readonly string[] | null,
    position: LivePosition,
    limit: number,
  ): Promise<readonly LiveEvent[]>;
}

/** Who is asking. */
export interface LiveViewer {
  /** Of the user or token. */
  readonly id: string;
  readonly tenant: string;
  /** The sites that he may see as of now; null once the session or the token has ended. */
  sites(): readonly string[] | null;
}

export interface LiveOptions {
  readonly source: LiveSource;
  readonly logger: Pick<BaseLogger, "error" | "warn">;
  /** Null: not signed in. */
  authenticate(request: IncomingMessage): LiveViewer | null;
  /** True where the Origin header is of this console or absent (no browser). */
  originAllowed(request: IncomingMessage): boolean;
}
