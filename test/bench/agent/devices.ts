/** Quiet cameras on loopback, as many as asked: each has a page, a stream description, and never changes. A program of its own, so that the bench's figures are not its. */
import { createServer, type Server } from "node:net";
import { addressOf, parseSubnet } from "../../site/subnet.ts";

const HTTP_PORT = 8080;
const RTSP_PORT = 8554;
const HEAD_BYTES = 8192;
/** Whoever says nothing for so long is hung up on: a look at the ports does not wait for a greeting then. */
const SILENCE_MS = 100;

function pageOf(address: string): string {
  const body = `<!doctype html><title>Camera ${address}</title>`;
  return `HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

function refusalOf(head: string): string {
  const sequence = /^CSeq: *(\d+)/im.exec(head)?.[1] ?? "1";
  return `RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}\r\nServer: bench\r\nWWW-Authenticate: Digest realm="bench", nonce="00"\r\n\r\n`;
}

async function listen(address: string, port: number, answer: (head: string) => string, ends: boolean): Promise<Server> {
  const server = createServer((socket) => {
    let head = "";
    socket.setEncoding("latin1");
    socket.on("error", () => socket.destroy());
    const silent = setTimeout(() => socket.destroy(), SILENCE_MS);
    socket.once("close", () => clearTimeout(silent));
    socket.on("data", (text: string) => {
      clearTimeout(silent);
      head += text;
      if (head.length > HEAD_BYTES) socket.destroy();
      if (!head.includes("\r\n\r\n")) return;
      const said = answer(head);
      head = "";
      if (ends) socket.end(said);
      else socket.write(said);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
  return server;
}

const [network = "", count = "0"] = process.argv.slice(2);
const subnet = parseSubnet(network);
for (let host = 2; host < Number(count) + 2; host++) {
  const address = addressOf(subnet, host);
  const page = pageOf(address);
  await listen(address, HTTP_PORT, () => page, true);
  await listen(address, RTSP_PORT, refusalOf, false);
}
process.stdout.write("ready\n");
// The bench ended.
process.stdin.on("end", () => process.exit()).resume();
