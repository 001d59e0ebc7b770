/** WatchPolicy: the signed policy of the agent's site, at once where it is newer and whenever it changes. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { WatchPolicyRequest, WatchPolicyResponseSchema } from "@vedette/proto";
import type { AgentIdentity } from "../keys/authority.ts";
import { ControlError } from "./control-error.ts";
import { signPolicy } from "./policy.ts";
import type { ControlContext } from "./types.ts";

type Stream = ServerWritableStream<WatchPolicyRequest, MessageInitShape<typeof WatchPolicyResponseSchema>>;

/** A stream ends after this and the agent asks again: its certificate is checked anew. */
const LIFETIME_MS = 3_600_000;

/** The open streams: an agent has few, and a revoked one none. */
export class PolicyStreams {
  readonly #open = new Map<string, Set<Stream>>();

  static readonly MOST = 4;

  /** Serves the stream until it ends. @throws ControlError "too-many" */
  watch(cx: ControlContext, identity: AgentIdentity, stream: Stream): void {
    const key = keyOf(identity);
    const open = this.#open.get(key) ?? new Set();
    if (open.size >= PolicyStreams.MOST) throw new ControlError("too-many", `watch: at most ${PolicyStreams.MOST} streams an agent`);
    this.#open.set(key, open.add(stream));
    let sent = stream.request.haveVersion;
    const send = () => {
      const policy = cx.log.view.get(identity.tenant, "policy", identity.site);
      if (policy === null || policy.body.version === sent) return;
      sent = policy.body.version;
      stream.write({ policy: signPolicy(cx.keys.policy, { tenant: identity.tenant, site: identity.site }, policy.body) });
    };
    const unsubscribe = cx.log.view.subscribe(({ document }) => {
      if (document.tenant === identity.tenant && document.kind === "policy" && document.id === identity.site) send();
    });
    const expiry = setTimeout(() => stream.end(), LIFETIME_MS);
    expiry.unref();
    const end = () => {
      clearTimeout(expiry);
      unsubscribe();
      open.delete(stream);
      if (open.size === 0 && this.#open.get(key) === open) this.#open.delete(key);
    };
    stream.once("cancelled", end);
    stream.once("close", end);
    stream.once("error", end);
    send();
  }

  /** Ends every stream of an agent. */
  cut(identity: AgentIdentity, error: Error): void {
    for (const stream of this.#open.get(keyOf(identity)) ?? []) stream.emit("error", error);
  }

  /** Ends every stream in order: this collector stops. */
  endAll(): void {
    for (const open of this.#open.values()) for (const stream of open) stream.end();
  }
}

function keyOf(identity: AgentIdentity): string {
  return `${identity.tenant}/${identity.site}/${identity.agent}`;
}
