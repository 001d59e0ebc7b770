import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { hostPorts, wildcardPorts } from "./host-port.ts";

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 00000000:0050 0A00000A:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
`;
const TABLE6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:2710 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000
`;

describe("ports of the host", () => {
  test("only listeners on the wildcard address count", () => {
    expect(wildcardPorts(TABLE)).toEqual([8080]);
    expect(wildcardPorts(TABLE6)).toEqual([10000]);
    expect(wildcardPorts("")).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")("a real wildcard listener is found, one on a loopback address is not", async () => {
    const open = (host: string) =>
      new Promise<{ port: number; close(): void }>((resolve) => {
        const server = createServer().listen(0, host, () =>
          resolve({ port: (server.address() as { port: number }).port, close: () => server.close() }),
        );
      });
    const [wild, narrow] = [await open("0.0.0.0"), await open("127.19.9.9")];
    const found = await hostPorts();
    wild.close();
    narrow.close();
    expect([found.includes(wild.port), found.includes(narrow.port)]).toEqual([true, false]);
    expect(await hostPorts(["/proc/net/no-such-table"])).toEqual([]);
  });
});
