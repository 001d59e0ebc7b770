/** Frames that contradict themselves, beside one that does not: tshark and we refuse exactly them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { isInstalled } from "../tls/program.ts";
import { element, frameBytes, pcapFile, wpsAttribute, wpsElements } from "./built-frame.ts";
import { ourDecode } from "./reading.ts";
import { everyFcsFits, tsharkDecode } from "./tshark.ts";

const folder = mkdtempSync(join(tmpdir(), "vedette-wifi-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const tshark = await isInstalled("tshark");
if (!tshark) process.stderr.write("skipped: tshark is not installed\n");

const IEEE80211 = 105;
const RADIOTAP = 127;
const bytes = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const GOOD_BSS = "02:00:00:00:10:01";
const RSN = element(48, bytes("0100 000fac04 0100 000fac04 0100 000fac02 0000"));
const GOOD = frameBytes({ kind: "beacon", bssid: bytes("020000001001"), ssid: "good", elements: [RSN] });

function beacon(...elements: readonly Buffer[]): Buffer {
  return frameBytes({ kind: "beacon", bssid: bytes("020000001009"), ssid: "bad", elements });
}
const rsn = (hex: string) => beacon(element(48, bytes(hex)));
const wpa = (hex: string) => beacon(element(221, bytes(`0050f201 ${hex}`)));
const wps = (...attributes: readonly Buffer[]) => beacon(...wpsElements([wpsAttribute(0x104a, bytes("10")), ...attributes]));

function written(name: string, linkType: number, frames: readonly Buffer[]): string {
  const path = join(folder, `${name.replaceAll(/\W+/g, "-")}.pcap`);
  writeFileSync(path, pcapFile(linkType, frames));
  return path;
}

describe.skipIf(!tshark)("refused by both", () => {
  const malformed: readonly (readonly [string, Buffer])[] = [
    ["a header that ends early", GOOD.subarray(0, 20)],
    ["fixed fields that end early", GOOD.subarray(0, 31)],
    ["an element beyond the end", beacon(bytes("30ff0100"))],
    ["a vendor element beyond the end", beacon(bytes("dd20 0050f204"))],
    ["an element without its length", beacon(bytes("30"))],
    ["an SSID of 33 bytes", frameBytes({ kind: "beacon", bssid: bytes("020000001009"), ssid: "x".repeat(33), elements: [] })],
    ["a channel without its byte", beacon(element(3, Buffer.alloc(0)))],
    ["an empty RSN element", rsn("")],
    ["an RSN version of one byte", rsn("01")],
    ["an RSN group cipher that ends early", rsn("0100 000fac")],
    ["more RSN ciphers than the element holds", rsn("0100 000fac04 0500 000fac04")],
    ["more AKMs than the element holds", rsn("0100 000fac04 0100 000fac04 0300 000fac02")],
    ["RSN capabilities of one byte", rsn("0100 000fac04 0100 000fac04 0100 000fac02 00")],
    ["more PMKIDs than the element holds", rsn("0100 000fac04 0100 000fac04 0100 000fac02 0000 0200 00112233")],
    ["a group management cipher that ends early", rsn("0100 000fac04 0100 000fac04 0100 000fac02 c000 0000 000fac")],
    ["a WPA group cipher that ends early", wpa("0100 0050")],
    ["more WPA ciphers than the element holds", wpa("0100 0050f202 0500 0050f202")],
    ["more WPA AKMs than the element holds", wpa("0100 0050f202 0100 0050f202 0200 0050f202")],
    ["a WPS attribute beyond its element", wps(bytes("1008 0010 0280"))],
    ["WPS config methods of one byte", wps(wpsAttribute(0x1008, bytes("02")))],
  ];

  test.each(malformed)("%s", async (name, frame) => {
    const path = written(name, IEEE80211, [GOOD, frame]);
    const ours = await ourDecode(path);
    expect(ours).toMatchObject({ refused: 1, bss: new Map([[GOOD_BSS, { frames: 1 }]]) });
    expect(ours).toStrictEqual(await tsharkDecode(path, { assumeFcs: false }));
  });
});

test.skipIf(!tshark)("WPS that ends within the head of an attribute: tshark passes over it, we refuse the frame", async () => {
  const path = written("wps head", IEEE80211, [GOOD, wps(bytes("1008"))]);
  expect(await ourDecode(path)).toMatchObject({ refused: 1 });
  expect(await tsharkDecode(path, { assumeFcs: false })).toMatchObject({ refused: 0 });
});

describe.skipIf(!tshark)("check sequences", () => {
  const kept = (frame: Buffer, wrongBits = 0) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE((crc32(frame) ^ wrongBits) >>> 0);
    return Buffer.concat([frame, sum]);
  };
  /** Radiotap's flags: 0x10 FCS at the end, 0x40 and it is wrong. */
  const told = (flags: number, frame: Buffer) => {
    const packet = pcapFile(RADIOTAP, [frame]);
    // Present mask and flags of the 10-byte header: flags, and a byte of filling.
    packet.writeUInt32LE(0x02, 24 + 16 + 4);
    packet[24 + 16 + 8] = flags;
    return packet;
  };

  test.each([
    ["told and right", 0x10, kept(GOOD), { refused: 0 }],
    ["told and wrong", 0x10, kept(GOOD, 1), { refused: 1 }],
    ["found wrong by the radio", 0x50, kept(GOOD, 1), { refused: 1 }],
  ])("%s", async (name, flags, frame, expected) => {
    const path = join(folder, `${name}.pcap`);
    writeFileSync(path, told(flags, frame));
    const ours = await ourDecode(path);
    expect(ours).toMatchObject(expected);
    expect(ours).toStrictEqual(await tsharkDecode(path, { assumeFcs: false }));
  });

  test("untold: tshark reads them where it is told to expect them, and so do we", async () => {
    const path = written("untold", IEEE80211, [kept(GOOD)]);
    expect(await everyFcsFits(path)).toBe(true);
    const ours = await ourDecode(path);
    expect(ours).toMatchObject({ refused: 0, bss: new Map([[GOOD_BSS, { frames: 1 }]]) });
    expect(ours).toStrictEqual(await tsharkDecode(path, { assumeFcs: true }));
    expect(await tsharkDecode(path, { assumeFcs: false })).toMatchObject({ refused: 1 });
  });

  test("untold and wrong: refused by both, whatever tshark expects", async () => {
    const path = written("untold wrong", IEEE80211, [kept(GOOD, 1)]);
    expect(await everyFcsFits(path)).toBe(false);
    const ours = await ourDecode(path);
    expect(ours).toMatchObject({ refused: 1 });
    for (const assumeFcs of [true, false]) expect(ours).toStrictEqual(await tsharkDecode(path, { assumeFcs }));
  });

  test("none kept: the expectation does not arise", async () => {
    expect(await everyFcsFits(written("none", IEEE80211, [GOOD]))).toBe(false);
  });
});
