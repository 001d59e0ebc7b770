/** Ports of one installation on 127.0.0.1: P HTTP and ws, P+1 gRPC, P+2 NATS, P+3 ClickHouse. */
import { createServer } from "node:net";
import { usage } from "../exit.ts";

export interface Ports {
  readonly http: number;
  readonly grpc: number;
  readonly nats: number;
  readonly clickhouse: number;
}

const NAMES = ["http", "grpc", "nats", "clickhouse"] as const;
const WORDS = { http: "the console", grpc: "gRPC", nats: "NATS", clickhouse: "ClickHouse" } as const;

/** @throws CommandError 2 with the port that is taken */
export async function choosePorts(base: number): Promise<Ports> {
  const chosen: Partial<Record<(typeof NAMES)[number], number>> = {};
  if (base === 0) {
    const held = await Promise.all(NAMES.map(() => hold(0)));
    NAMES.forEach((name, i) => {
      chosen[name] = held[i]?.port ?? 0;
    });
    await Promise.all(held.map((h) => h?.release()));
    return chosen as Ports;
  }
  for (const [i, name] of NAMES.entries()) {
    const held = await hold(base + i);
    if (held === null)
      throw usage(
        `--port: ${base + i} of 127.0.0.1, needed for ${WORDS[name]}, is taken: choose another --port, or --port 0 for free ones`,
      );
    await held.release();
    chosen[name] = base + i;
  }
  return chosen as Ports;
}

async function hold(port: number): Promise<{ port: number; release(): Promise<void> } | null> {
  const server = createServer();
  const bound = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => resolve(true));
  });
  if (!bound) return null;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
