import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, parseCollectorConfig, readCollectorConfig } from "./config.ts";

const minimal = { data: "d", nats: { url: "nats://127.0.0.1:8422" }, clickhouse: { url: "http://127.0.0.1:8423" } };

function sharded(more: object) {
  const url = minimal.clickhouse.url;
  return { ...minimal, clickhouse: { url, cluster: "vedette", shards: [`${url}/`, "http://127.0.0.1:8433"], ...more } };
}

describe("collector config", () => {
  it("fills in what is not said", () => {
    expect(parseCollectorConfig(minimal)).toMatchObject({
      buckets: 64,
      http: { host: "127.0.0.1", port: 8420 },
      grpc: { port: 8421 },
      observationDays: 396,
    });
  });

  it("takes shards that the server asked is one of", () => {
    expect(parseCollectorConfig(sharded({})).clickhouse.shards).toHaveLength(2);
  });

  it.each([
    [{ ...minimal, bukets: 3 }, /^bukets: is no field/],
    [{ ...minimal, buckets: 0 }, /^buckets: /],
    [{ ...minimal, nats: { url: "http://x" } }, /^nats\.url: must be like nats:/],
    [{ ...minimal, http: { port: 70_000 } }, /^http\.port: /],
    [{ ...minimal, roles: ["judge"] }, /^roles\.0: /],
    [sharded({ cluster: undefined }), /^clickhouse\.cluster: is missing; name the cluster/],
    [sharded({ url: "http://127.0.0.1:1" }), /^clickhouse\.url: is none of clickhouse\.shards; name one/],
    [null, /^config: /],
  ])("names the field of %j", (value, message) => {
    expect(() => parseCollectorConfig(value)).toThrow(message);
  });

  it("names the file and the line of bad YAML", () => {
    const folder = mkdtempSync(join(tmpdir(), "vedette-config-"));
    writeFileSync(join(folder, "c.yaml"), "data: x\n  nats: [\n");
    expect(() => readCollectorConfig(join(folder, "c.yaml"))).toThrow(/c\.yaml: line \d+ is no YAML/);
    expect(() => readCollectorConfig(join(folder, "none.yaml"))).toThrow(ConfigError);
    rmSync(folder, { recursive: true });
  });
});
