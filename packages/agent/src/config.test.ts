import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, checkConfig, parseConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a small config is enough; the rest has defaults", () => {
  const file = join(folder, "agent.yaml");
  writeFileSync(file, "data: /var/lib/vedette\nscope: [192.168.1.0/24]\n");
  expect(checkConfig(file)).toEqual({
    data: "/var/lib/vedette",
    scope: ["192.168.1.0/24"],
    exclude: [],
    tier: "polite",
    wifi: [],
    budget: {},
    limits: { memoryMiB: 256, sockets: 256 },
    outbox: { maxMiB: 1024, maxDays: 30 },
  });
});

const good = { data: "d", scope: ["192.168.1.0/24"] };

describe("one sentence names field and fix", () => {
  const cases: [string, object, RegExp][] = [
    ["no scope", { data: "d" }, /^scope: is missing; .*scope: \[192\.168\.1\.0\/24\]/],
    ["empty scope", { ...good, scope: [] }, /^scope: is empty; /],
    ["everything", { ...good, scope: ["0.0.0.0/0"] }, /^scope: 0\.0\.0\.0\/0 is every address/],
    ["everything in IPv6", { ...good, scope: ["::/0"] }, /^scope: ::\/0 is every address/],
    ["no network", { ...good, scope: ["192.168.1.0/33"] }, /^scope: "192\.168\.1\.0\/33" is not a network; write it as/],
    ["no network excluded", { ...good, exclude: ["x"] }, /^exclude: "x" is not a network/],
    ["tier", { ...good, tier: "rude" }, /^tier: .*passive/],
    ["unknown field", { ...good, scpoe: [] }, /^scpoe: is no field of an agent's config/],
    ["unknown field within", { ...good, outbox: { maxMib: 3 } }, /^outbox\.maxMib: is no field/],
    ["too little memory", { ...good, limits: { memoryMiB: 64 } }, /^limits\.memoryMiB: .*128/],
    ["too few sockets", { ...good, limits: { sockets: 0 } }, /^limits\.sockets: .*8/],
    ["centre", { ...good, centre: { grpc: "host" } }, /^centre\.grpc: must be HOST:PORT/],
    ["data", { scope: good.scope }, /^data: /],
  ];
  test.each(cases)("%s", (_, value, sentence) => {
    expect(() => parseConfig(value)).toThrow(ConfigError);
    expect(() => parseConfig(value)).toThrow(sentence);
  });

  test("a file that is not there, and one that is no YAML", () => {
    expect(() => checkConfig(join(folder, "none.yaml"))).toThrow(/none\.yaml: cannot be read \(ENOENT\)/);
    const file = join(folder, "bad.yaml");
    writeFileSync(file, "data: [\n");
    expect(() => checkConfig(file)).toThrow(/bad\.yaml: line \d+ is no YAML/);
  });
});
