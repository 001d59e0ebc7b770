import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemClock } from "../../net/clock.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import type { ProbeContext } from "../probe.ts";
import { type WifiBssOptions, wifiBss } from "./probe.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-wifi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PCAP_HEADER = "d4c3b2a1020004000000000000000000ffff000069000000";
/** A beacon of 02:00:00:00:00:01, "lab", WPA2 with CCMP. */
const BEACON = `80000000ffffffffffff0200000000010200000000010000${"00".repeat(8)}64001100${"00036c6162"}${"30140100000fac040100000fac040100000fac020000"}`;

function record(hex: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(hex.length / 2);
  return `${"00".repeat(8)}${length.toString("hex").repeat(2)}${hex}`;
}

function capture(name: string, hex: string): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.from(hex, "hex"));
  return path;
}

function look(path: string, options: Partial<WifiBssOptions> = {}, signal = AbortSignal.timeout(5_000)) {
  const notes: Record<string, unknown>[] = [];
  const cx: ProbeContext = {
    signal,
    dial: fakeDial({}),
    clock: systemClock,
    note: (_, detail) => notes.push(detail ?? {}),
    evidence: () => undefined,
  };
  return wifiBss.runMany({ address: path, port: 0 }, wifiBss.options.parse(options), cx).then((result) => ({ ...result, notes }));
}

test("a beacon becomes a BSS with its evidence", async () => {
  const { found, fault } = await look(capture("one.pcap", PCAP_HEADER + record(BEACON)));
  expect(fault).toBeUndefined();
  expect(found).toHaveLength(1);
  expect(found[0]?.subject).toEqual({ kind: "bss", bssid: "02:00:00:00:00:01", ssid: "lab" });
  expect(found[0]?.posture).toMatchObject({ privacy: true, beaconSeen: true, probeResponseSeen: false, rsn: { akms: ["00-0F-AC:2"] } });
  expect(found[0]?.evidence?.map(({ label }) => label)).toEqual(["beacon"]);
});

test("networks outside the radio scope are not told", async () => {
  const path = capture("scope.pcap", PCAP_HEADER + record(BEACON));
  expect((await look(path, { radioScope: ["other"] })).found).toEqual([]);
  expect((await look(path, { radioScope: ["lab"] })).found).toHaveLength(1);
  expect((await look(path, { radioScope: ["02:00:00:00:00:01"] })).found).toHaveLength(1);
});

test("a malformed frame is refused, counted, and costs nothing else", async () => {
  const { found, notes } = await look(capture("half.pcap", PCAP_HEADER + record(BEACON.slice(0, -4)) + record(BEACON)));
  expect(found[0]?.volatile.frameCount).toBe(1);
  expect(notes).toMatchObject([{ packets: 2, malformed: 1 }]);
});

describe("faults", () => {
  test("malformed: neither pcap nor pcapng", async () => {
    expect((await look(capture("text", Buffer.from("no capture at all").toString("hex")))).fault?.code).toBe("malformed");
  });
  test("malformed: an empty file", async () => {
    expect((await look(capture("empty", ""))).fault?.code).toBe("malformed");
  });
  test("closed: it ends in the middle of a packet, and what came before stays", async () => {
    const { found, fault } = await look(capture("cut.pcap", PCAP_HEADER + record(BEACON) + record(BEACON).slice(0, -8)));
    expect(fault?.code).toBe("closed");
    expect(found).toHaveLength(1);
  });
  test("too-large: more packets than the cap", async () => {
    expect((await look(capture("many.pcap", PCAP_HEADER + record(BEACON).repeat(3)), { maxPackets: 2 })).fault?.code).toBe("too-large");
  });
  test("too-large: more bytes than the cap", async () => {
    expect((await look(capture("big.pcap", PCAP_HEADER + record(BEACON).repeat(50)), { maxBytes: 1_024 })).fault?.code).toBe("too-large");
  });
  test("resource: no such file, and a pipe that would never end", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect((await look(join(folder, "missing"))).fault?.code).toBe("resource");
    expect((await look(pipe)).fault?.code).toBe("resource");
  });
  test("timeout: the deadline passes", async () => {
    expect((await look(capture("late.pcap", PCAP_HEADER + record(BEACON)), {}, AbortSignal.abort())).fault?.code).toBe("timeout");
  });
});
