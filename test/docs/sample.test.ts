import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkConfig } from "@vedette/agent";
import { readCollectorConfig } from "@vedette/collector";
import { describe, expect, it } from "vitest";

const DEPLOY = resolve(import.meta.dirname, "../../deploy");

describe("sample configurations", () => {
  it("are right for this version", () => {
    expect(checkConfig(join(DEPLOY, "sample/agent.yaml")).scope).toEqual(["192.168.20.0/24"]);
    expect(readCollectorConfig(join(DEPLOY, "sample/collector.yaml")).buckets).toBe(64);
  });

  it.each(["agent", "collector"])("of systemd start vedette %s run", (program) => {
    const unit = readFileSync(join(DEPLOY, `systemd/vedette-${program}.service`), "utf8");
    expect(unit).toContain(`ExecStart=/opt/vedette/vedette ${program} run --config /etc/vedette/${program}.yaml`);
    expect(unit).toContain("NoNewPrivileges=yes");
  });
});
