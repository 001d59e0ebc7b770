/** The connection to NATS as forward.ts needs it: one subject out, one subject in. The only file of the agent that knows NATS. */

import { jetstream } from "@nats-io/jetstream";
import { connect, headers, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { inboxPrefix, observationSubject, receiptSubject } from "@vedette/proto";
import type { StoredIdentity } from "./identity.ts";

const PUBLISH_MS = 5000;
const RECONNECT_MS = 500;
const RECONNECT_JITTER_MS = 500;

export interface Broker {
  /** Resolves at the broker's ack, which says little: what counts is the receipt. */
  publish(payload: Uint8Array, headers: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
  /** Resolves when the connection has ended for good, with its reason if it has one. */
  readonly closed: Promise<Error | undefined>;
}

export interface BrokerHandlers {
  onReceipt(payload: Uint8Array): void;
  /** Whatever was on its way may be lost. */
  onReconnect(): void;
}

export type OpenBroker = (handlers: BrokerHandlers) => Promise<Broker>;

/** Asks for the identity at each connect: a renewed user is used from the next connection on. */
export function natsBroker(identity: () => StoredIdentity): OpenBroker {
  return async ({ onReceipt, onReconnect }) => {
    const { tenant, site, agent, natsUrls } = identity();
    const address = { tenant, site, agent };
    const connection: NatsConnection = await connect({
      servers: [...natsUrls],
      name: `vedette-agent ${agent}`,
      authenticator: jwtAuthenticator(
        () => identity().natsUserJwt,
        () => new TextEncoder().encode(identity().natsSeed),
      ),
      inboxPrefix: inboxPrefix(agent),
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_MS,
      reconnectJitter: RECONNECT_JITTER_MS,
      // A user that ended is renewed meanwhile: the next attempt presents the new one.
      ignoreAuthErrorAbort: true,
    });
    connection.subscribe(receiptSubject(address), {
      callback: (error, message) => {
        if (error === null) onReceipt(message.data);
      },
    });
    void (async () => {
      for await (const s of connection.status()) if (s.type === "reconnect") onReconnect();
    })();
    const stream = jetstream(connection, { timeout: PUBLISH_MS });
    const subject = observationSubject(address);
    return {
      async publish(payload, told) {
        const h = headers();
        for (const [name, value] of Object.entries(told)) h.set(name, value);
        await stream.publish(subject, payload, { headers: h });
      },
      close: () => connection.close(),
      closed: connection.closed().then((reason) => (reason instanceof Error ? reason : undefined)),
    };
  };
}
