import { connect, createServer } from "node:net";
import { expect, it } from "vitest";
import { EngineError, requireFreePort } from "./child.ts";
import { serverConfig, usersConfig } from "./clickhouse-config.ts";
import { acceptVersion, findNatsServer } from "./nats.ts";
import { natsConfig } from "./nats-config.ts";

it("accepts nats-server from the floor on", () => {
  expect(acceptVersion("nats-server: v2.15.1\n")).toBe("2.15.1");
  expect(acceptVersion("nats-server: v2.12.7")).toBe("2.12.7");
  expect(acceptVersion("nats-server: v3.0.0")).toBe("3.0.0");
  expect(acceptVersion("nats-server: v2.12.6")).toBeNull();
  expect(acceptVersion("nats-server: v2.9.10")).toBeNull();
  expect(acceptVersion("something else")).toBeNull();
});

it("takes a nats-server that is too old for none", async () => {
  const found = await findNatsServer("/nonexistent").catch((error: unknown) => error);
  if (found instanceof EngineError) expect(found.message).toContain("deploy/toolchain/nats-server.sh");
  else expect(found).toMatchObject({ path: expect.stringContaining(".toolchain") });
});

it("names the port that is taken", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await expect(requireFreePort("ClickHouse", port)).rejects.toMatchObject({
    code: "port-taken",
    message: expect.stringContaining(String(port)),
  });
  await new Promise((resolve) => server.close(resolve));
  await requireFreePort("ClickHouse", port);
  // The check leaves no listener behind.
  const refused = await new Promise((resolve) => connect({ host: "127.0.0.1", port }).once("error", resolve));
  expect(refused).toMatchObject({ code: "ECONNREFUSED" });
});

it("escapes the password in XML and in the pattern, and keeps only its hash for the user", () => {
  const files = { password: "a<b>&\"'+/=", usersFile: "/x & y/users.xml", backupFolder: "/x/backup/", memoryBytes: 1 };
  const config = serverConfig(files);
  expect(config).toContain("/x &#38; y/users.xml");
  expect(config).not.toContain(files.password);
  expect(usersConfig(files.password)).not.toContain(files.password);
});

it("listens on loopback only and writes every value as a quoted string", () => {
  const config = natsConfig({
    data: '/a "b"',
    port: 4333,
    operatorJwt: "eyJ",
    systemAccount: "AS",
    accounts: [{ publicKey: "AX", jwt: "j" }],
  });
  expect(config).toContain('listen: "127.0.0.1:4333"');
  expect(config).toContain('AX: "j"');
  expect(config).toContain('"/a \\"b\\"/stream"');
  expect(config).toContain("sync_interval: always");
  // Without it a broker on a small disk takes no tenant's stream.
  expect(config).toContain("max_file_store: 1125899906842624");
});
