/** Connections to NATS: one per account. A collector speaks as CENTRE, as the system account, and once as each tenant. */
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, jwtAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import type { BaseLogger } from "pino";
import type { NatsUser } from "../keys/nats-jwt.ts";
import type { Bus } from "../log/stream.ts";

export type { NatsConnection } from "@nats-io/transport-node";

/** The broker did not answer at the start; the program ends with status 3. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly status = 3;
}

export interface BusOptions {
  readonly url: string;
  readonly user: NatsUser;
  /** Shown in the broker's own lists. */
  readonly name: string;
  readonly logger: BaseLogger;
  /** After a connection that was lost stands again. */
  readonly onReconnect?: () => void;
  /** How long the first connection may take, ms. */
  readonly patienceMs?: number;
}

/** Once connected it stays so: the client reconnects for ever. @throws BusError where the first connection fails */
export async function openConnection(o: BusOptions): Promise<NatsConnection> {
  const deadline = Date.now() + (o.patienceMs ?? 15_000);
  for (;;) {
    try {
      const connection = await connect({
        servers: [o.url],
        name: o.name,
        authenticator: jwtAuthenticator(o.user.jwt, o.user.seed),
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        reconnectJitter: 250,
        timeout: 5_000,
        waitOnFirstConnect: false,
        ignoreAuthErrorAbort: true,
      });
      void watch(connection, o);
      return connection;
    } catch (cause) {
      if (Date.now() > deadline) {
        const why = cause instanceof Error ? cause.name : "unknown";
        throw new BusError(
          `nats.url: ${o.url} does not answer as this collector needs (${why}); start that nats-server or correct the url`,
          { cause },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

async function watch(connection: NatsConnection, o: BusOptions): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "disconnect" || status.type === "reconnect") o.logger.info({ connection: o.name, status: status.type }, "nats");
    if (status.type === "reconnect") o.onReconnect?.();
    if (status.type === "error") o.logger.warn({ connection: o.name, err: status.error }, "nats");
  }
}

/** The parts of JetStream that the log needs, on a connection of account CENTRE. */
export async function busOf(connection: NatsConnection, replicas = 1): Promise<Bus> {
  return { js: jetstream(connection), jsm: await jetstreamManager(connection, { checkAPI: false }), replicas };
}
