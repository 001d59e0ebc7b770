/** A TCP proxy on loopback that counts the connections that come through: the fair meter for every scanner alike. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface CountingProxy {
  readonly port: number;
  /** Connections since it was made, or since the last `reset`. */
  readonly connections: number;
  reset(): void;
  close(): Promise<void>;
}

/** In front of a server on 127.0.0.1. Both ends are tied: data, end and reset pass. */
export async function startCountingProxy(serverPort: number): Promise<CountingProxy> {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    connections += 1;
    const upstream = connect({ host: "127.0.0.1", port: serverPort, allowHalfOpen: true, noDelay: true });
    tie(client, upstream);
    tie(upstream, client);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    get connections() {
      return connections;
    },
    reset() {
      connections = 0;
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}

function tie(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on("error", () => to.resetAndDestroy());
  from.on("close", () => to.destroy());
}
