/** Every recorded capture, read by tshark and by us. */
import { existsSync, globSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { isInstalled } from "../tls/program.ts";
import { ourBss } from "./reading.ts";
import { tsharkBss } from "./tshark.ts";

const CORPUS = join(process.env["VEDETTE_CORPUS"] ?? resolve(import.meta.dirname, "../../../../shared/data"), "wifi");
const captures = existsSync(CORPUS) ? globSync(join(CORPUS, "**/*.{pcap,cap}")) : [];
const tshark = await isInstalled("tshark");
if (captures.length === 0) process.stderr.write("skipped: no captures at VEDETTE_CORPUS/wifi\n");
if (!tshark) process.stderr.write("skipped: tshark is not installed\n");

/** A table of packets by another program, named like a capture. */
const NO_CAPTURE = new Set(["wep_64_ptw_02.cap"]);
/** Its frames keep their check sequence and nothing says so: tshark takes it for an element and calls them malformed. */
const UNTOLD_FCS = "wpa.cap";

describe.skipIf(captures.length === 0 || !tshark)("recorded captures", () => {
  test.each(
    captures.filter((path) => !NO_CAPTURE.has(basename(path)) && basename(path) !== UNTOLD_FCS).map((path) => [basename(path), path]),
  )("%s reads as in tshark", async (_, path) => {
    expect(sorted(await ourBss(path))).toEqual(sorted(await tsharkBss(path)));
  });

  test.runIf(captures.some((path) => basename(path) === UNTOLD_FCS))(
    "a check sequence that nothing tells of is found by its sum",
    async () => {
      const path = captures.find((each) => basename(each) === UNTOLD_FCS) ?? "";
      expect(sorted(await ourBss(path))).toMatchObject([["00:0d:93:eb:b0:8c", { wpa: "group 2 pairwise 2 akm 2 pmf 00", rsn: undefined }]]);
    },
  );
});

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
