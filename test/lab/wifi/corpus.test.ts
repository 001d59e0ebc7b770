/** Every file of the recorded captures, read by tshark and by us. */
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../tls/program.ts";
import { NO_CAPTURE } from "./decode.ts";
import { ourDecode } from "./reading.ts";
import { tsharkFairDecode } from "./tshark.ts";

const CORPUS = join(process.env["VEDETTE_CORPUS"] ?? resolve(import.meta.dirname, "../../../../shared/data"), "wifi");
const files = existsSync(CORPUS) ? globSync(join(CORPUS, "**/*")).filter((path) => statSync(path).isFile()) : [];
const tshark = await isInstalled("tshark");
if (files.length === 0) process.stderr.write("skipped: no captures at VEDETTE_CORPUS/wifi\n");
if (!tshark) process.stderr.write("skipped: tshark is not installed\n");

/** First four bytes of pcap in both byte orders and resolutions, and of pcapng. */
const MAGIC = new Set(["a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "0a0d0d0a"]);
const isCapture = (path: string) => MAGIC.has(readFileSync(path).subarray(0, 4).toString("hex"));
const named = (paths: readonly string[]) => paths.map((path) => [relative(CORPUS, path), path] as const);

// Each file of the folder stands in one of the two lists.
describe.skipIf(files.length === 0 || !tshark)("recorded captures", () => {
  test.each(named(files.filter(isCapture)))("%s reads as in tshark", async (_, path) => {
    const theirs = await tsharkFairDecode(path);
    expect(theirs).not.toBe(NO_CAPTURE);
    expect(await ourDecode(path)).toStrictEqual(theirs);
  });

  test.each(named(files.filter((path) => !isCapture(path))))("%s is no capture, for tshark and for us", async (_, path) => {
    expect([await ourDecode(path), await tsharkFairDecode(path)]).toEqual([NO_CAPTURE, NO_CAPTURE]);
  });
});
