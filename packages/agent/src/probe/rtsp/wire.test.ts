import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseHead } from "../../net/head.ts";
import { CORPUS, hasCorpus, recording } from "../../testing/corpus.ts";
import { methodsOf, parseSdp, requestText, sessionTimeoutOf } from "./wire.ts";

function split(bytes: Buffer): { head: Buffer; body: Buffer } {
  const crlf = bytes.indexOf("\r\n\r\n");
  const end = crlf >= 0 ? crlf + 4 : bytes.indexOf("\n\n") + 2;
  return { head: bytes.subarray(0, end), body: bytes.subarray(end) };
}

describe.skipIf(!hasCorpus)("recorded cameras", () => {
  test.each([
    ["rtsp/retina/anjvision_describe.txt", [["video", "H265"]]],
    [
      "rtsp/retina/dahua_describe_h264_aac_onvif.txt",
      [
        ["video", "H264"],
        ["audio", "MPEG4-GENERIC"],
        ["application", "vnd.onvif.metadata"],
      ],
    ],
    [
      "rtsp/retina/dahua_describe_h265_pcma.txt",
      [
        ["video", "H265"],
        ["audio", "PCMA"],
      ],
    ],
    [
      "rtsp/retina/gw_main_describe.txt",
      [
        ["video", "H264"],
        ["audio", "PCMU"],
      ],
    ],
    [
      "rtsp/retina/reolink_describe.txt",
      [
        ["video", "H264"],
        ["audio", "MPEG4-GENERIC"],
      ],
    ],
    [
      "rtsp/non-camera/bunny_describe.txt",
      [
        ["audio", "mpeg4-generic"],
        ["video", "H264"],
      ],
    ],
  ])("%s", (path, expected) => {
    expect(parseSdp(split(recording(path)).body).map((m) => [m.kind, m.encodings[0]])).toEqual(expected);
  });

  test("every recorded DESCRIBE has media", () => {
    for (const name of readdirSync(join(CORPUS, "rtsp/retina")).filter((n) => n.includes("describe"))) {
      expect(parseSdp(split(recording(`rtsp/retina/${name}`)).body).length, name).toBeGreaterThan(0);
    }
  });

  test("Dahua's OPTIONS", () => {
    expect(methodsOf(parseHead(recording("rtsp/retina/dahua_options.txt")))).toEqual(
      expect.arrayContaining(["DESCRIBE", "OPTIONS", "PLAY", "SETUP"]),
    );
  });
});

test("a request is one line, its fields and an empty line", () => {
  expect(requestText("DESCRIBE", "rtsp://198.18.0.7:554/", 3)).toBe(
    "DESCRIBE rtsp://198.18.0.7:554/ RTSP/1.0\r\nCSeq: 3\r\nUser-Agent: Vedette\r\nAccept: application/sdp\r\n\r\n",
  );
});

test("session time-out", () => {
  expect(sessionTimeoutOf(parseHead(Buffer.from("RTSP/1.0 200 OK\r\nSession: 1;timeout=60\r\n\r\n")))).toBe(60);
  expect(sessionTimeoutOf(parseHead(Buffer.from("RTSP/1.0 200 OK\r\nSession: 1\r\n\r\n")))).toBeUndefined();
});

test("a page that is no session description has no media", () => {
  expect(parseSdp(Buffer.from("<html>m=video 0 RTP/AVP 96</html>"))).toEqual([]);
  expect(parseSdp(Buffer.from("m=video 0 RTP/AVP 96\r\n"))).toEqual([]);
});
