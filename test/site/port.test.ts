/** Where the true ports are taken, the next of the list are used and told. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { get, handshake } from "./ask.ts";
import { PortError } from "./listener.ts";
import { startSite } from "./site.ts";

const hold = (host: string, port: number) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, host, () => resolve(server));
  });

// Holding ports below 1024 takes root.
describe.skipIf(process.platform !== "linux" || process.getuid?.() !== 0)("ports of the personas", () => {
  test("a taken port gives way to the next, which redirects, LOCATION and hints follow; with none left one sentence says so", async () => {
    const data = await mkdtemp(join(tmpdir(), "vedette-site-"));
    const options = { bind: "127.19.5.0/24", data, seed: "test", devices: 2 };
    const held = [await hold("127.19.5.10", 80), await hold("127.19.5.10", 443)];
    const site = await startSite(options);
    try {
      const [view] = site.personas();
      expect(view?.ports).toMatchObject({ "tcp/80": 8080, "tcp/443": 8443, "tcp/554": 554 });
      expect((await get("http://127.19.5.10:8080/")).headers.location).toBe("https://127.19.5.10:8443/");
      expect((await get("http://127.19.5.10:8080/rootdesc.xml")).body).toContain(
        "<presentationURL>http://127.19.5.10:8080/</presentationURL>",
      );
      expect(await handshake("127.19.5.10", 8443)).toMatchObject({ protocol: "TLSv1.3" });
      expect(site.portHints()).toEqual([
        { transport: "tcp", port: 322, protocol: "rtsps" },
        { transport: "tcp", port: 8080, protocol: "http" },
        { transport: "tcp", port: 8443, protocol: "https" },
      ]);
    } finally {
      await site.stop();
    }
    held.push(await hold("127.19.5.10", 8080), await hold("127.19.5.10", 18080));
    await expect(startSite(options)).rejects.toThrow(PortError);
    for (const server of held) server.close();
    await rm(data, { recursive: true });
  });
});
