/**
 * A slow device that keeps account of who talks to it: node device.ts ADDRESS FOLDER. HTTP at 80 and 8080, RTSP at 554, TLS at 443 with FOLDER's
 * cert.pem and key.pem. At the end of standard input it prints its account, a list of Conversation.
 */
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTls } from "node:tls";

/** A connection on which at least one byte came. */
export interface Conversation {
  readonly port: number;
  /** ms, of one clock */
  readonly beganMs: number;
  readonly endedMs: number;
}

const [address = "", folder = ""] = process.argv.slice(2);
/** Long enough that two conversations at once would be seen. */
const SLOW_MS = 60;
const conversations: Conversation[] = [];

function listen(port: number, answer: (socket: Socket) => void): void {
  createServer((socket) => {
    const beganMs = performance.now();
    let spoken = false;
    let ended = false;
    const end = (): void => {
      if (spoken && !ended) conversations.push({ port, beganMs, endedMs: performance.now() });
      ended = true;
    };
    socket.prependListener("data", () => {
      spoken = true;
    });
    socket.on("end", end).on("close", end).on("error", end);
    answer(socket);
  }).listen(port, address);
}

function slowly(reply: (request: string) => string, last: boolean): (socket: Socket) => void {
  return (socket) =>
    socket.on("data", (request) => {
      setTimeout(() => {
        const text = reply(request.toString("latin1"));
        if (last) socket.end(text);
        else socket.write(text);
      }, SLOW_MS);
    });
}

const http = slowly(() => "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>Counter</title>", true);
listen(80, http);
listen(8080, http);
listen(
  554,
  slowly((request) => `RTSP/1.0 404 Not Found\r\nCSeq: ${/CSeq: *(\d+)/i.exec(request)?.[1] ?? "1"}\r\n\r\n`, false),
);

// Behind a plain socket: bytes that only TLS reads are bytes of a conversation too.
const tls = createTls({ cert: readFileSync(join(folder, "cert.pem")), key: readFileSync(join(folder, "key.pem")) })
  .on("secureConnection", (socket) => http(socket.on("error", () => socket.destroy())))
  .on("tlsClientError", (_, socket) => socket.destroy())
  .listen(0, "127.0.0.1");
listen(443, (outer) => {
  const inner = connect((tls.address() as AddressInfo).port, "127.0.0.1").on("error", () => outer.destroy());
  outer.pipe(inner).pipe(outer);
  outer.on("close", () => inner.destroy());
});

process.stdin
  .on("end", () => {
    process.stdout.write(JSON.stringify(conversations), () => process.exit(0));
  })
  .resume();
