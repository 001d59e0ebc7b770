/** `vedette audit` as a person starts it, against the simulated site: one round, no broker, no store. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeviceDetail } from "@vedette/collector/audit";
import type { AuditReport } from "@vedette/report";
import { CLAUSES } from "@vedette/standard";
import { EXPECTATIONS, PROFILES, type Site, startSite } from "@vedette/test/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPECTED_CLAUSES } from "../site/expected.ts";

type Report = AuditReport<DeviceDetail>;

const SCOPE = "127.20.0.0/24";
const PROGRAM = join(import.meta.dirname, "../../packages/cli/src/main.ts");

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param interruptAt a text on stderr at which it gets Ctrl-C */
function vedette(args: readonly string[], interruptAt?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, "audit", ...args], { stdio: ["ignore", "pipe", "pipe"], timeout: 80_000 });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      const before = stderr;
      stderr += chunk;
      if (interruptAt !== undefined && stderr.includes(interruptAt) && !before.includes(interruptAt)) child.kill("SIGINT");
    });
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "vedette-audit-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("at the simulated site", () => {
  let site: Site;
  let report: Report;
  let ended: Ended;
  const capture = () => site.captures[0] ?? "";

  beforeAll(async () => {
    site = await startSite({ bind: SCOPE, data: join(folder, "site"), seed: "audit", fresh: true, slackMs: 600_000 });
    writeFileSync(join(folder, "profiles.json"), JSON.stringify({ profiles: PROFILES }));
    const files = ["--wifi", capture(), "--profile", join(folder, "profiles.json"), "--out", join(folder, "visit")];
    ended = await vedette([
      "--scope",
      SCOPE,
      "--rate",
      // Below what makes camera-vanishes refuse everybody: 20 connections a second to one device.
      "380",
      "--authorized-by",
      "Site owner",
      "--json",
      "--fail-on",
      "level:1",
      ...files,
    ]);
    report = JSON.parse(ended.stdout);
  });
  afterAll(() => site.stop());

  const deviceOf = (persona: string) => {
    const address = site.personas().find((p) => p.name === persona)?.address ?? "";
    const found = report.devices.filter((d) => d.addresses.includes(address));
    expect(found, `devices at ${address}`).toHaveLength(1);
    return found[0] as Report["devices"][number];
  };

  it("finds each persona, and nothing else", () => {
    expect(report.devices).toHaveLength(EXPECTATIONS.length);
  });

  it.each(EXPECTATIONS.map((row) => [row.persona, row] as const))("judges %s by what it is", (persona, row) => {
    const device = deviceOf(persona);
    expect({ class: device.class, membership: device.membership }).toEqual({ class: row.class, membership: row.membership });
    // An audit listens only while it looks: whether a device announces itself in that time is chance.
    const heard = (sources: readonly string[]) => sources.filter((probe) => probe !== "ssdp.notify");
    expect(heard(device.sources)).toEqual(heard(row.sources));
    const verdicts = device.assessment.verdicts;
    expect(verdicts.map((v) => v.clause)).toEqual(CLAUSES.map((c) => c.id));
    const nine = Object.fromEntries(EXPECTED_CLAUSES.map((id) => [id, verdicts.find((v) => v.clause === id)?.status]));
    expect(nine).toEqual(row.verdicts);
    expect(device.assessment.level.possible).toBe(row.possibleLevel);
    expect(device.assessment.level.proven).toBe(0);
  });

  it("tells the site as a whole: the lowest of those that count", () => {
    const members = EXPECTATIONS.filter((row) => row.membership === "in");
    expect(report.level).toMatchObject({ proven: 0, possible: 0, devices: { in: members.length } });
    for (const grade of [0, 1, 2, 3] as const)
      expect(report.level.distribution.possible[grade]).toBe(members.filter((row) => row.possibleLevel === grade).length);
    expect(Object.values(report.level.counts).reduce((a, b) => a + b, 0)).toBe(members.length * CLAUSES.length);
  });

  it("cites for each failure the observation that shows it, in both languages", () => {
    for (const { assessment } of report.devices) {
      for (const verdict of assessment.verdicts) {
        expect(verdict.reason.en.length).toBeGreaterThan(0);
        expect(verdict.reason["zh-TW"].length).toBeGreaterThan(0);
        if (verdict.status === "fail") expect(verdict.evidence.map((e) => e.kind)).toContain("observation");
      }
    }
  });

  it("lists the BSS of the capture with facts and the three Wi-Fi verdicts", () => {
    expect(report.bss).toHaveLength(1);
    const [bss] = report.bss;
    expect(bss).toMatchObject({ device: deviceOf("access-point").id, facts: { privacy: true } });
    expect(bss?.verdicts.map((v) => [v.clause, v.status])).toEqual([
      ["5.3.3.1", "pass"],
      ["5.3.3.2", "pass"],
      ["5.3.3.4", "unknown"],
    ]);
  });

  it("tells exposures beside the verdicts", () => {
    expect(deviceOf("switch").exposures.map((e) => e.change)).toEqual(["community-default"]);
  });

  it("says what was not looked at, and under whose word", () => {
    const answering = EXPECTATIONS.length;
    expect(report.audit).toMatchObject({ scope: [SCOPE], tier: "polite", authorizedBy: "Site owner", catalogue: "ts-0014-1@2" });
    expect(report.notLookedAt).toMatchObject({ cutShort: false, fullSweep: false, tiers: ["credentialed", "intrusive"] });
    expect(report.notLookedAt.silentAddresses).toHaveLength(254 - answering);
    expect(report.notLookedAt.untouchedTcpPorts).toContain(9100);
  });

  it("writes the same report to the folder, and beside it the probe log that the report's hash names", () => {
    expect(JSON.parse(readFileSync(join(folder, "visit/report.json"), "utf8"))).toEqual(report);
    const log = readFileSync(join(folder, "visit/probes.jsonl"));
    expect(createHash("sha256").update(log).digest("hex")).toBe(report.audit.probeLogHash);
    const targets = log
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => String(JSON.parse(line).target));
    const multicast = new Set(["239.255.255.250:1900", "239.255.255.250:3702", "224.0.0.251:5353"]);
    expect(targets.filter((t) => !t.startsWith("127.20.0.") && !multicast.has(t))).toEqual([]);
  });

  it("ends with status 1 as a clause of level 1 fails, and says so in a summary on stderr", () => {
    expect(ended.status).toBe(1);
    expect(ended.stderr).toMatch(/254 addresses, searched in about \d+ s/);
    expect(ended.stderr).toMatch(/Budget: at most 380 connection attempts a second/);
    expect(ended.stderr).toMatch(/looks known so far/);
    expect(ended.stderr).toMatch(/fails 5\.3\.1\.1, 5\.5\.1\.1/);
  });

  it("ends early at Ctrl-C with a report that says so", async () => {
    const out = join(folder, "early");
    const { status, stderr } = await vedette(["--scope", SCOPE, "--lang", "zh-TW", "--out", out], "looks known so far");
    expect(status).toBe(0);
    expect(stderr).toContain("稽核在完成所有檢查之前結束");
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8")).notLookedAt.cutShort).toBe(true);
  });

  it("does not overwrite an earlier audit", async () => {
    const { status, stderr } = await vedette(["--scope", SCOPE, "--out", join(folder, "visit")]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^vedette: --out: .* is there already; name another folder/);
  });

  it("listens alone at tier passive, and sends nothing", async () => {
    const out = join(folder, "passive");
    const until = new Date(Date.now() + 3_000).toISOString();
    const { status } = await vedette(["--scope", SCOPE, "--tier", "passive", "--wifi", capture(), "--until", until, "--out", out]);
    expect(status).toBe(0);
    expect(readFileSync(join(out, "probes.jsonl"), "utf8")).toBe("");
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8")).bss).toHaveLength(1);
  });
});

describe("wrong usage ends with one sentence and nothing sent", () => {
  const scoped = ["--scope", SCOPE];
  it.each([
    [[], 2, "--scope is missing: name the networks that may be looked at"],
    [["--scope", "0.0.0.0/0"], 2, "--scope: 0.0.0.0/0 is every address there is"],
    [["--scope", "127.20.0.0/99"], 2, "is not a network"],
    [[...scoped, "--tier", "credentialed"], 2, "--tier: credentialed is not offered by this version"],
    [[...scoped, "--format", "pdf"], 2, "--format: this version writes json alone"],
    [[...scoped, "--credentials", "logins.yaml"], 2, "--credentials: this version does not know what to do with it"],
    [[...scoped, "--fail-on", "level:9"], 2, "--fail-on is level:1, level:2, level:3 or clause:ID"],
    [[...scoped, "--profile", "none.yaml"], 2, "--profile: none.yaml cannot be read"],
    [[...scoped, "--wifi", "none.pcap"], 2, "--wifi: none.pcap cannot be read"],
    // A folder below a file cannot be made, whoever runs this.
    [[...scoped, "--out", join(PROGRAM, "visit")], 3, "--out: "],
  ])("%j", async (args, status, sentence) => {
    const answer = await vedette(args);
    expect(answer.stderr).toContain(sentence);
    expect(answer).toMatchObject({ status, stdout: "" });
    expect(answer.stderr).not.toMatch(/\n\s+at /);
    expect(existsSync(join(process.cwd(), "report.json"))).toBe(false);
  });
});
