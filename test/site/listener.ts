/** TCP servers at a persona's own address: the true port where it can be bound, else the next of its list. */
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import type { Server, Socket } from "node:net";
import type { Ports } from "./form.ts";

export class PortError extends Error {
  override readonly name = "PortError";
}

export interface Door {
  readonly address: string;
  /** Ports on which the host itself answers. */
  readonly occupied: ReadonlySet<number>;
}

export interface Listener {
  readonly port: number;
  /** Ends the listening and every open connection. */
  close(): Promise<void>;
}

const TAKEN = new Set(["EADDRINUSE", "EACCES"]);

function tryPort(server: Server, address: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off("listening", listening);
      if (TAKEN.has(error.code ?? "")) resolve(false);
      else reject(new PortError(`cannot listen on ${address}:${port}: ${error.code ?? error.message}`, { cause: error }));
    };
    const listening = () => {
      server.off("error", failed);
      resolve(true);
    };
    server.once("error", failed).once("listening", listening);
    server.listen({ host: address, port, exclusive: true });
  });
}

/** @throws PortError where none of the ports can be bound. */
export async function listen(server: Server, door: Door, ports: Ports): Promise<Listener> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  for (const port of ports) {
    if (door.occupied.has(port) || !(await tryPort(server, door.address, port))) continue;
    server.on("error", () => {});
    return {
      port,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          for (const socket of open) socket.destroy();
        }),
    };
  }
  throw new PortError(
    `none of the TCP ports ${ports.join(", ")} can be bound at ${door.address}; end what listens there or choose another --bind`,
  );
}

/** The first UDP port of the list that can be bound at the address. @throws PortError */
export async function freeUdpPort(address: string, ports: Ports): Promise<number> {
  for (const port of ports) {
    const free = await new Promise<boolean>((resolve) => {
      const socket = createSocket("udp4");
      socket.once("error", () => resolve(false));
      socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new PortError(
    `none of the UDP ports ${ports.join(", ")} can be bound at ${address}; end what listens there or choose another --bind`,
  );
}

/** Binds a datagram socket. @throws PortError */
export function bindUdp(socket: DatagramSocket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error) => reject(udpTaken(address, port, cause));
    socket.once("error", failed);
    socket.bind({ address, port }, () => {
      socket.off("error", failed);
      resolve();
    });
  });
}

export function udpTaken(address: string, port: number, cause: Error): PortError {
  return new PortError(`UDP port ${port} cannot be shared at ${address}; end the program that holds it alone`, { cause });
}
