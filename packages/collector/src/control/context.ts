/** The context of a control server, with the limits that hold in production. */
import type { DocumentLog } from "../document/log.ts";
import type { Keys } from "../keys/load.ts";
import { Nonces } from "./nonce.ts";
import { type AgentState, Presence, SILENCE_MS } from "./presence.ts";
import { Rate } from "./rate.ts";
import { TaskQueues } from "./task.ts";
import type { ControlContext } from "./types.ts";

export interface ControlContextOptions {
  readonly keys: Keys;
  readonly log: DocumentLog;
  /** ms since 1970 */
  readonly now: () => number;
  readonly natsUrls: readonly string[];
  /** An agent came or went; must not throw. */
  readonly onAgent: (state: AgentState) => void;
}

const SECOND = 1_000;

export function createControlContext({ keys, log, now, natsUrls, onAgent }: ControlContextOptions): ControlContext {
  const monotonic = () => performance.now();
  return {
    keys,
    log,
    now,
    natsUrls,
    presence: new Presence({ now, silenceMs: SILENCE_MS, onChange: onAgent }),
    tasks: new TaskQueues(now),
    nonces: new Nonces(keys.sealing.derive("renewal nonce"), now),
    rates: {
      enrol: new Rate({ burst: 10, everyMs: 6 * SECOND, now: monotonic }),
      nonce: new Rate({ burst: 20, everyMs: 3 * SECOND, now: monotonic }),
      renew: new Rate({ burst: 10, everyMs: 60 * SECOND, now: monotonic }),
      call: new Rate({ burst: 60, everyMs: 200, now: monotonic }),
    },
  };
}
