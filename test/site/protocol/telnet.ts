/** A Telnet login as busybox telnetd shows it. RFC 854; options of RFC 857 (ECHO), 858 (SGA), 1073 (NAWS) */
import { createServer, type Server } from "node:net";

const [IAC, WILL, DO, ECHO, SGA, NAWS] = [255, 251, 253, 1, 3, 31] as const;

export function telnetServer(greeting: string): Server {
  return createServer((socket) => {
    socket.setTimeout(30_000, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.write(Buffer.from([IAC, DO, ECHO, IAC, DO, NAWS, IAC, WILL, ECHO, IAC, WILL, SGA]));
    socket.write(`\r\n${greeting}\r\nlogin: `);
    let line = 0;
    socket.on("data", (bytes: Buffer) => {
      // Nobody has an account here: user, then password, then the refusal.
      if (bytes[0] === IAC || !bytes.includes(13)) return;
      line += 1;
      if (line % 2 === 1) socket.write("\r\nPassword: ");
      else socket.write("\r\nLogin incorrect\r\nlogin: ");
      if (line >= 6) socket.end();
    });
  });
}
