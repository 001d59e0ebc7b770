/** A TLS server on loopback that behaves as a test says once the handshake is done. */
import { once } from "node:events";
import { createServer, type SecureVersion, type TLSSocket } from "node:tls";
import { selfSigned } from "./certificate.ts";

export interface TlsListener {
  readonly address: string;
  readonly port: number;
  readonly der: Buffer;
  close(): void;
}

export async function listenTls(
  address: string,
  onSocket: (socket: TLSSocket) => void,
  maxVersion: SecureVersion = "TLSv1.3",
): Promise<TlsListener> {
  const { key, cert, der } = await selfSigned();
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key, cert, minVersion: "TLSv1", maxVersion, ciphers: "DEFAULT@SECLEVEL=0" }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onSocket(socket);
  }).listen(0, address);
  server.on("tlsClientError", () => undefined);
  await once(server, "listening");
  const bound = server.address();
  return {
    address,
    der,
    port: typeof bound === "object" && bound ? bound.port : 0,
    close() {
      for (const s of sockets) s.destroy();
      server.close();
    },
  };
}
