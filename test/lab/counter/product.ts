/** Starts the device that counts, and asks for its account. */
import { once } from "node:events";
import { join } from "node:path";
import type { LabHost } from "../network.ts";
import { ready, start } from "../program.ts";
import { output } from "../tls/program.ts";
import type { Conversation } from "./device.ts";

export interface Counter {
  /** Ends it. */
  account(): Promise<readonly Conversation[]>;
}

export async function startCounter(host: LabHost, folder: string): Promise<Counter> {
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
  await output("openssl", ["req", "-x509", "-nodes", "-days", "30", "-newkey", "rsa:2048", "-subj", "/CN=counter.test", ...files]);
  const running = start(host, process.execPath, [join(import.meta.dirname, "device.ts"), host.address, folder]);
  const chunks: Buffer[] = [];
  running.child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
  await ready(running, ["tcp/80", "tcp/443", "tcp/554", "tcp/8080"]);
  return {
    async account() {
      const ended = once(running.child, "close");
      running.child.stdin?.end();
      await ended;
      return JSON.parse(Buffer.concat(chunks).toString()) as Conversation[];
    },
  };
}
