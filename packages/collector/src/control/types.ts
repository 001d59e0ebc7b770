/** What the control server stands on. */
import type { DocumentLog } from "../document/log.ts";
import type { Keys } from "../keys/load.ts";
import type { AccountClaim } from "../keys/nats.ts";
import type { Nonces } from "./nonce.ts";
import type { Presence } from "./presence.ts";
import type { Rate } from "./rate.ts";
import type { TaskQueues } from "./task.ts";

/** Tells the broker's resolver of an account as it is now. */
export interface Resolver {
  update(claim: AccountClaim): Promise<void>;
}

export interface ControlContext {
  readonly keys: Keys;
  readonly log: DocumentLog;
  /** ms since 1970 */
  readonly now: () => number;
  /** What agents are told to publish to. */
  readonly natsUrls: readonly string[];
  readonly presence: Presence;
  readonly tasks: TaskQueues;
  readonly nonces: Nonces;
  readonly rates: ControlRates;
}

export interface ControlRates {
  /** By address: attempts to enrol. */
  readonly enrol: Rate;
  /** By address: nonces and renewals without a certificate. */
  readonly nonce: Rate;
  /** By agent: renewals. */
  readonly renew: Rate;
  /** By agent: every other call. */
  readonly call: Rate;
}
