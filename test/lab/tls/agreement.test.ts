/** Our (version, suite) pairs against the union of what sslscan and nmap find, on real servers. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pairsOf, probe } from "./probing.ts";
import { isInstalled } from "./program.ts";
import { nmap, type Pair, sslscan } from "./scanners.ts";
import { type Lab, openLab, PROGRAM_OF, SERVER_NAMES } from "./servers.ts";
import { completesWith } from "./settle.ts";

const installed = new Map<string, boolean>();
for (const program of new Set(["openssl", "sslscan", "nmap", ...Object.values(PROGRAM_OF)])) {
  installed.set(program, await isInstalled(program));
  if (installed.get(program) !== true) process.stderr.write(`skipped where needed: ${program} is not installed\n`);
}
const scanners = ["openssl", "sslscan", "nmap"].every((program) => installed.get(program) === true);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe.skipIf(!scanners)("the same suites as sslscan and nmap together", () => {
  test.each(SERVER_NAMES.filter((name) => installed.get(PROGRAM_OF[name]) === true))("%s", async (name) => {
    const server = await lab.start(name);
    const { reading } = await probe(server.port);
    const ours = pairsOf(reading);
    const others = new Set([...(await sslscan(server.port)), ...(await nmap(server.port))]);
    expect(ours.size).toBeGreaterThan(0);
    expect([...others].filter((each) => !ours.has(each))).toEqual([]);
    // What only we find is settled by a handshake with that suite alone.
    const unsettled: Pair[] = [];
    for (const each of [...ours].filter((one) => !others.has(one)))
      if (!(await completesWith(lab.folder, server.port, each))) unsettled.push(each);
    expect(unsettled).toEqual([]);
    if (reading.outcome === "identified") expect(reading.result.posture.complete).toBe(true);
    await server.close();
  });
});

describe("what else a posture holds", () => {
  test.skipIf(installed.get("nginx") !== true)("a weak nginx: prime, groups, order, chain", async () => {
    const { reading } = await probe((await lab.start("nginx-weak")).port);
    if (reading.outcome !== "identified") throw new Error(reading.fault.code);
    const { posture } = reading.result;
    expect(posture.dhBits).toBe(1_024);
    expect(posture.groups).toEqual([23, 24, 29]);
    expect(posture.secureRenegotiation).toBe(true);
    expect(posture.clientCertificateRequired).toBe(false);
    expect(posture.versions.find(({ version }) => version === 0x0303)?.serverPreference).toBe(false);
    expect(posture.chain[0]).toMatchObject({ keyType: "RSA", keyBits: 2_048, selfIssued: true, signatureVerifies: true, malformed: "" });
  });

  test.skipIf(installed.get("nginx") !== true)("two runs give the same posture", async () => {
    const { port } = await lab.start("nginx-modern");
    const [first, second] = [await probe(port), await probe(port, 2)];
    if (first.reading.outcome !== "identified" || second.reading.outcome !== "identified") throw new Error("not identified");
    expect(second.reading.result.posture).toEqual(first.reading.result.posture);
  });

  test.skipIf(installed.get("openssl") !== true)("TLS 1.3 alone: its chain, and a demand for a client certificate", async () => {
    for (const [verify, required] of [
      [[], false],
      [["-Verify", "1", "-verify_return_error"], true],
    ] as const) {
      const server = await lab.startOpenssl(["-tls1_3", ...verify]);
      const { reading } = await probe(server.port);
      if (reading.outcome !== "identified") throw new Error(reading.fault.code);
      expect(reading.result.posture.chain).toHaveLength(1);
      expect(reading.result.posture.clientCertificateRequired).toBe(required);
      await server.close();
    }
  });

  test.skipIf(installed.get("openssl") !== true)("TLS 1.2 alone that demands a client certificate", async () => {
    const server = await lab.startOpenssl(["-tls1_2", "-Verify", "1", "-verify_return_error"]);
    const { reading } = await probe(server.port);
    if (reading.outcome !== "identified") throw new Error(reading.fault.code);
    expect(reading.result.posture.clientCertificateRequired).toBe(true);
    expect(reading.result.posture.chain).toHaveLength(1);
    await server.close();
  });
});
