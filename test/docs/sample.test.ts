import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkConfig } from "@vedette/agent";
import { AgentConfigSchema } from "@vedette/agent/src/config.ts";
import { readCollectorConfig } from "@vedette/collector";
import { CollectorConfigSchema } from "@vedette/collector/src/config.ts";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const DEPLOY = resolve(import.meta.dirname, "../../deploy");

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
}

/** Fields of a config and of its parts, as "part.field". */
function fieldsOf(schema: typeof AgentConfigSchema | typeof CollectorConfigSchema): string[] {
  const { properties = {} } = schema.toJSONSchema({ io: "input", unrepresentable: "any" }) as Node;
  return Object.entries(properties).flatMap(([name, part]) => [name, ...Object.keys(part.properties ?? {}).map((f) => `${name}.${f}`)]);
}

describe("sample configurations", () => {
  it("are right for this version", () => {
    expect(checkConfig(join(DEPLOY, "sample/agent.yaml")).scope).toEqual(["192.168.20.0/24"]);
    expect(readCollectorConfig(join(DEPLOY, "sample/collector.yaml")).buckets).toBe(64);
  });

  it.each([
    ["agent", AgentConfigSchema],
    ["collector", CollectorConfigSchema],
  ])("of %s have every field that there is, right also where it is commented out", (program, schema) => {
    const text = readFileSync(join(DEPLOY, `sample/${program}.yaml`), "utf8");
    const sample = parse(text.replace(/^( *)#(?=\w+:)/gm, "$1")) as Record<string, Record<string, unknown>>;
    schema.parse(sample);
    const fields = fieldsOf(schema);
    expect(fields.length).toBeGreaterThan(10);
    const isThere = ([part = "", field]: readonly string[]) => (field === undefined ? part in sample : field in (sample[part] ?? {}));
    expect(fields.filter((f) => !isThere(f.split(".")))).toEqual([]);
  });

  it.each(["agent", "collector"])("of systemd start vedette %s run", (program) => {
    const unit = readFileSync(join(DEPLOY, `systemd/vedette-${program}.service`), "utf8");
    expect(unit).toContain(`ExecStart=/opt/vedette/vedette ${program} run --config /etc/vedette/${program}.yaml`);
    expect(unit).toContain("NoNewPrivileges=yes");
  });

  it("give a systemd agent a folder for compiled code, as its home is out of its reach", () => {
    const unit = readFileSync(join(DEPLOY, "systemd/vedette-agent.service"), "utf8");
    expect(unit).toContain("ProtectHome=yes");
    const [, folder] = /^CacheDirectory=(\S+)$/m.exec(unit) ?? [];
    expect(unit).toContain(`Environment=XDG_CACHE_HOME=/var/cache/${folder}\n`);
    expect(readFileSync(join(DEPLOY, "../vedette"), "utf8")).toContain("NODE_COMPILE_CACHE");
  });
});
