/** The capture as tshark reads it, where tshark is installed. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { identityOf } from "../identity.ts";
import { accessPoint } from "../persona/access-point.ts";
import type { Bss } from "./frame.ts";
import { writeCapture } from "./pcap.ts";

function installed(): boolean {
  try {
    execFileSync("tshark", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!installed())("the capture beside the access point", () => {
  let folder: string;
  let rows: string[][];
  const FIELDS = [
    "wlan.fc.type_subtype",
    "wlan.bssid",
    "wlan.rsn.pcs.type",
    "wlan.rsn.akms.type",
    "wps.config_methods",
    "wlan_radio.signal_dbm",
    "_ws.malformed",
  ];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vedette-capture-"));
    const path = join(folder, "site.pcap");
    const { wifi } = accessPoint;
    if (wifi === undefined) throw new TypeError("the access point has no radio");
    const bss: Bss = { form: wifi, bssid: "00:00:5e:00:53:c2", identity: identityOf(accessPoint, "test") };
    await writeCapture(path, [bss], Date.UTC(2026, 0, 2, 3, 4, 5));
    const { stdout } = await promisify(execFile)("tshark", ["-r", path, "-T", "fields", ...FIELDS.flatMap((field) => ["-e", field])]);
    rows = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("holds ten beacons and two probe responses of one BSS with WPA2-PSK and CCMP, none malformed", () => {
    expect(rows.map(([type]) => Number(type)).filter((type) => type === 8)).toHaveLength(10);
    expect(rows.map(([type]) => Number(type)).filter((type) => type === 5)).toHaveLength(2);
    for (const [, bssid, cipher, akm, , signal, malformed = ""] of rows) {
      expect([bssid, cipher, akm, signal, malformed]).toEqual(["00:00:5e:00:53:c2", "4", "2", "-48", ""]);
    }
  });

  test("tells Config Methods in probe responses alone", () => {
    expect(rows.map(([type, , , , methods]) => `${Number(type)} ${methods}`).filter((text) => !text.endsWith(" "))).toEqual([
      "5 0x0280",
      "5 0x0280",
    ]);
  });
});
