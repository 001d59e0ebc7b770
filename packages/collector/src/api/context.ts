/** What the API stands on. */
import type { FastifyBaseLogger } from "fastify";
import type { SignInContext } from "../service/session/sign-in.ts";
import type { ServiceContext } from "../service/verb.ts";
import type { Store } from "../store/index.ts";

export interface ApiContext {
  readonly store: Store;
  readonly services: ServiceContext;
  readonly signIn: SignInContext;
  readonly buckets: number;
  /** Somebody reads the site: its bucket closes time while that lasts. */
  readonly onRead: (tenant: string, site: string) => void;
  readonly logger: FastifyBaseLogger;
  /** OpenMetrics text. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** What is not ready, empty where all is. */
  readonly notReady: () => Promise<readonly string[]>;
}
