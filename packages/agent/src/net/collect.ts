/** Datagrams that come within a time. */
import type { Clock } from "../probe/probe.ts";
import type { Datagram, DatagramSocket } from "./dial.ts";

/** Ends with the time, the signal or the socket, whichever is first; closes the socket. @throws DialError as the socket does */
export async function* collect(socket: DatagramSocket, clock: Clock, ms: number, signal: AbortSignal): AsyncGenerator<Datagram> {
  const over = new AbortController();
  const timer = clock.sleep(ms, AbortSignal.any([signal, over.signal])).then(
    () => socket.close(),
    () => undefined,
  );
  try {
    for (let next = await socket.receive(); next; next = await socket.receive()) yield next;
  } finally {
    over.abort();
    await timer;
    socket.close();
  }
}
