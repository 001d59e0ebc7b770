/** Which TCP ports the host itself already answers on at every address, and so at every 127.x address too. */
import { readFile } from "node:fs/promises";

const LISTEN = "0A";

/** Ports of wildcard listeners in the text of /proc/net/tcp or tcp6. Format: proc_net_tcp(5) of the Linux kernel. */
export function wildcardPorts(table: string): number[] {
  const ports: number[] = [];
  for (const line of table.split("\n").slice(1)) {
    const [, local, , state] = line.trim().split(/\s+/);
    const [address, port] = local?.split(":") ?? [];
    if (state === LISTEN && address !== undefined && /^0+$/.test(address) && port !== undefined) ports.push(Number.parseInt(port, 16));
  }
  return ports;
}

/** Sorted. A table that does not exist (no IPv6, not Linux) counts as empty. */
export async function hostPorts(tables: readonly string[] = ["/proc/net/tcp", "/proc/net/tcp6"]): Promise<number[]> {
  const found = new Set<number>();
  for (const table of tables) {
    const text = await readFile(table, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    for (const port of wildcardPorts(text)) found.add(port);
  }
  return [...found].sort((a, b) => a - b);
}
