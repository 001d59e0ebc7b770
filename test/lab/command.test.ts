/** `vedette probe` as a person runs it, in the agent's namespace: the shape of its answer and its exit status. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nginxModern } from "./nginx/product.ts";
import { installed, isPossible, type LabSite, openSite } from "./site.ts";
import { snmpd } from "./snmpd/product.ts";
import { sshd } from "./sshd/product.ts";

const MAIN = join(import.meta.dirname, "../../packages/cli/src/main.ts");
const PRODUCTS = [snmpd, sshd, nginxModern];
/** In this order, as it is printed. */
const KEYS = ["probe", "probeVersion", "subject", "startedAt", "durationMs", "outcome", "result", "connections", "bytesIn", "bytesOut"];

const possible = (await isPossible()) && (await installed(PRODUCTS)).length === PRODUCTS.length;
const execute = promisify(execFile);

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe.skipIf(!possible)("vedette probe", () => {
  let site: LabSite;
  beforeAll(async () => {
    site = await openSite(PRODUCTS);
  });
  afterAll(() => site.close());

  async function run(...args: readonly string[]): Promise<Ended> {
    const command = ["netns", "exec", site.agent.namespace, process.execPath, MAIN, "probe", ...args];
    try {
      return { status: 0, ...(await execute("ip", command, { timeout: 60_000, env: { ...process.env, NODE_NO_WARNINGS: "1" } })) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { status: code, stdout, stderr };
    }
  }

  test("snmp.system: facts in camelCase, status 0", async () => {
    const { status, stdout } = await run("snmp.system", snmpd.address, "--json");
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(answer)).toEqual(KEYS);
    expect(answer).toMatchObject({
      probe: "snmp.system",
      subject: { kind: "endpoint", address: snmpd.address, transport: "udp", port: 161 },
      outcome: "identified",
      result: { objectId: "1.3.6.1.4.1.8072.3.2.10", name: "lab-switch" },
    });
    expect(new Date(String(answer["startedAt"])).toISOString()).toBe(answer["startedAt"]);
    for (const count of ["durationMs", "connections", "bytesIn", "bytesOut"]) expect(answer[count]).toBeGreaterThan(0);
    expect(status).toBe(0);
  });

  test("tls.handshake: suites as numbers of IANA's registry with names beside", async () => {
    const { status, stdout } = await run("tls.handshake", `${nginxModern.address}:443`, "--json");
    const { result } = JSON.parse(stdout) as { result: { versions: { version: number }[]; groups: unknown; chain: unknown } };
    expect(result.versions.find(({ version }) => version === 771)).toMatchObject({
      accepted: true,
      suites: [
        { id: 49_200, name: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" },
        { id: 49_199, name: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" },
      ],
      serverPreference: true,
    });
    expect(result).toMatchObject({ chain: [{ subject: "CN=camera-14.lab.test" }] });
    expect(status).toBe(0);
  });

  test("another protocol is not identified, with its fault and status 0", async () => {
    const { status, stdout } = await run("http.root", `${sshd.address}:22`, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "not-identified", fault: { code: "malformed" } });
    expect(status).toBe(0);
  });

  test("a port that refuses is unreachable: status 3", async () => {
    const { status, stdout } = await run("rtsp.describe", `${sshd.address}:554`, "--json");
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    expect(answer).toMatchObject({ outcome: "unreachable", fault: { phase: "connect", code: "refused" } });
    expect(answer).not.toHaveProperty("result");
    expect(status).toBe(3);
  });

  test.each([
    ["no such probe", ["nothing.here", snmpd.address], "nothing.here"],
    ["a name in place of an address", ["http.root", "camera.lab.test"], "target"],
    ["a port that is none", ["http.root", `${sshd.address}:70000`], "target"],
    ["options that are no JSON", ["tcp.connect", sshd.address, "--options", "common"], "--options"],
    ["an option that there is not", ["tcp.connect", sshd.address, "--options", '{"pace":"fast"}'], "options"],
  ])("%s: status 2 and one sentence that names it", async (_, args, named) => {
    const { status, stdout, stderr } = await run(...args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(named);
  });
});
