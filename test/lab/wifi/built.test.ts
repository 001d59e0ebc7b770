/** Frames of the tests' own, in every capture format, read by us and, where it is installed, by tshark. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isInstalled } from "../tls/program.ts";
import {
  type BuiltFrame,
  element,
  frameBytes,
  LINK_HEADERS,
  pcapFile,
  pcapngFile,
  wpsAttribute,
  wpsElements,
  wpsWithMethods,
} from "./built-frame.ts";
import { NO_CAPTURE } from "./decode.ts";
import { foundIn, ourDecode } from "./reading.ts";
import { tsharkFairDecode } from "./tshark.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-wifi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const tshark = await isInstalled("tshark");
if (!tshark) process.stderr.write("skipped: tshark is not installed\n");

function written(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

async function bssIn(path: string) {
  const decode = await ourDecode(path);
  if (decode === NO_CAPTURE) throw new TypeError(`${path} is no capture`);
  return decode.bss;
}

const bssidOf = (n: number) => Buffer.from([0x02, 0, 0, 0, 0x10, n]);
const RSN_CCMP_PSK = element(48, Buffer.from("0100000fac040100000fac040100000fac020000", "hex"));
const BITS = Array.from({ length: 16 }, (_, bit) => 1 << bit);

describe("WPS config methods", () => {
  /** One BSS for each bit, the bit in beacons of one and in probe responses of all. */
  const frames = BITS.flatMap((methods, n): Buffer[] => [
    frameBytes({ kind: "beacon", bssid: bssidOf(n), ssid: `bit-${n}`, elements: [RSN_CCMP_PSK, ...wpsWithMethods(methods)] }),
    frameBytes({ kind: "probe-response", bssid: bssidOf(n), ssid: `bit-${n}`, elements: [RSN_CCMP_PSK, ...wpsWithMethods(methods)] }),
  ]);
  const path = written("bits.pcap", pcapFile(105, frames));

  test("every bit is read from both kinds of frame", async () => {
    const found = await foundIn(path);
    expect(found.map(({ posture }) => [posture.wpsBeacon?.configMethods, posture.wpsProbeResponse?.configMethods])).toEqual(
      BITS.map((bit) => [bit, bit]),
    );
  });

  test.skipIf(!tshark)("tshark reads the same", async () => {
    expect((await bssIn(path)).size).toBe(BITS.length);
    expect(await ourDecode(path)).toStrictEqual(await tsharkFairDecode(path));
  });

  test.skipIf(!tshark)("tshark reads every other attribute the same", async () => {
    const attributes: readonly (readonly [number, Buffer])[] = [
      [0x104a, Buffer.from([0x10])],
      [0x1044, Buffer.from([1])],
      [0x1057, Buffer.from([1])],
      [0x1041, Buffer.from([1])],
      [0x1012, Buffer.from([0, 4])],
      [0x1021, Buffer.from("Maker")],
      [0x1023, Buffer.from("Model")],
      [0x1024, Buffer.from("2.0")],
      [0x1042, Buffer.from("0815")],
      [0x1011, Buffer.from("camera")],
      [0x1047, Buffer.from("000102030405060708090a0b0c0d0e0f", "hex")],
      // The Wi-Fi Alliance's extension with version 2.1.
      [0x1049, Buffer.from("00372a000121", "hex")],
    ];
    const elements = wpsElements(attributes.map(([type, body]) => wpsAttribute(type, body)));
    const frames = (["beacon", "probe-response"] as const).map((kind) => frameBytes({ kind, bssid: bssidOf(2), ssid: "x", elements }));
    const path = written("attributes.pcap", pcapFile(105, frames));
    const wps = { version: 0x21, state: 1, setupLocked: true, selectedRegistrar: true, devicePasswordId: 4, deviceName: "camera" };
    expect([...(await bssIn(path)).values()]).toMatchObject([{ wpsBeacon: wps, wpsProbeResponse: wps }]);
    expect(await ourDecode(path)).toStrictEqual(await tsharkFairDecode(path));
  });

  test("a message spread over three elements is put together", async () => {
    const name = wpsAttribute(0x1011, Buffer.from("camera"));
    const elements = wpsElements([wpsAttribute(0x104a, Buffer.from([0x10])), name, wpsAttribute(0x1008, Buffer.from([0x01, 0x0c]))], 9);
    expect(elements.length).toBeGreaterThan(2);
    const [bss] = await foundIn(
      written("spread.pcap", pcapFile(105, [frameBytes({ kind: "probe-response", bssid: bssidOf(1), ssid: "x", elements })])),
    );
    expect(bss?.posture.wpsProbeResponse).toMatchObject({ configMethods: 0x010c, deviceName: "camera" });
  });
});

describe("protection", () => {
  const protections: readonly (readonly [string, string])[] = [
    ["WPA2", "3014 0100 000fac04 0100 000fac04 0100 000fac02 0000"],
    ["WPA3, PMF required", "301a 0100 000fac04 0100 000fac04 0100 000fac08 c000 0000 000fac06"],
    ["mixed ciphers", "3018 0100 000fac02 0200 000fac04 000fac02 0100 000fac02 0000"],
    ["Suite B", "301a 0100 000fac09 0100 000fac09 0100 000fac0c c000 0000 000fac0c"],
    ["two AKMs, PMF capable", "3018 0100 000fac04 0100 000fac04 0200 000fac02 000fac08 8000"],
    ["OWE", "301a 0100 000fac04 0100 000fac04 0100 000fac12 c000 0000 000fac06"],
    ["WPA", "dd16 0050f201 0100 0050f202 0100 0050f202 0100 0050f202"],
    ["open", ""],
  ];
  const frames = protections.map(([ssid, hex], n) =>
    frameBytes({ kind: "beacon", bssid: bssidOf(n), ssid, elements: [Buffer.from(hex.replaceAll(" ", ""), "hex")] }),
  );
  const path = written("protection.pcap", pcapFile(127, frames));

  test.skipIf(!tshark)("tshark reads the same", async () => {
    expect((await bssIn(path)).size).toBe(protections.length);
    expect(await ourDecode(path)).toStrictEqual(await tsharkFairDecode(path));
  });

  test("OWE transition, a hidden name told by a probe response, and a station", async () => {
    const bss: Omit<BuiltFrame, "kind" | "ssid"> = { bssid: bssidOf(1), elements: [element(221, Buffer.from("506f9a1c", "hex"))] };
    const path = written(
      "hidden.pcap",
      pcapFile(105, [
        frameBytes({ ...bss, kind: "beacon", ssid: "\0\0\0\0" }),
        frameBytes({ ...bss, kind: "probe-response", ssid: "name" }),
        frameBytes({ ...bss, kind: "association-request", ssid: "name", elements: [RSN_CCMP_PSK] }),
      ]),
    );
    const [found] = await foundIn(path);
    expect(found?.subject).toEqual({ kind: "bss", bssid: "02:00:00:00:10:01", ssid: "name" });
    expect(found?.posture).toMatchObject({ hidden: true, oweTransition: true });
    expect(found?.posture.stations).toMatchObject([{ address: "02:11:22:33:44:ff", rsn: { akms: ["00-0F-AC:2"] } }]);
  });
});

describe("formats", () => {
  const frame = frameBytes({ kind: "beacon", bssid: bssidOf(7), ssid: "format", elements: [RSN_CCMP_PSK] });
  const forms: [string, Buffer][] = Object.keys(LINK_HEADERS).flatMap((type): [string, Buffer][] => [
    ...[true, false].flatMap((little) =>
      [true, false].map((nanoseconds): [string, Buffer] => [
        `${type}-${little}-${nanoseconds}.pcap`,
        pcapFile(Number(type), [frame], { little, nanoseconds }),
      ]),
    ),
    ...[true, false].map((little): [string, Buffer] => [`${type}-${little}.pcapng`, pcapngFile(Number(type), [frame], little)]),
  ]);

  test.each(forms)("%s", async (name, bytes) => {
    const path = written(name, bytes);
    expect([...(await bssIn(path)).keys()]).toEqual(["02:00:00:00:10:07"]);
    if (tshark) expect(await ourDecode(path)).toStrictEqual(await tsharkFairDecode(path));
  });
});
