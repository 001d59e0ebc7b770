/** A service that waits to be spoken to (SMB, JetDirect, a vendor's command port) and hangs up on what it does not understand. */
import { createServer, type Server } from "node:net";

export function silentServer(): Server {
  return createServer((socket) => {
    socket.setTimeout(30_000, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end());
  });
}
