import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { answering, contextFor, type Listener, listen } from "../../testing/hostile.ts";
import { listenTls } from "../../testing/tls.ts";
import type { FaultCode } from "../probe.ts";
import { rtspDescribe } from "./probe.ts";

const open: Listener[] = [];
afterEach(() => {
  for (const l of open.splice(0)) l.close();
});
const at = async (...given: Parameters<typeof listen>): Promise<Listener> => {
  const listener = await listen(...given);
  open.push(listener);
  return listener;
};
const run = (l: { address: string; port: number }, paths = ["/a", "/b"], deadlineMs = 3000) =>
  rtspDescribe.run(
    { address: l.address, port: l.port },
    rtspDescribe.options.parse({ paths, randomPath: "/random" }),
    contextFor("127.18.4.0/24", deadlineMs),
  );

const SDP = "v=0\r\ns=x\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
const reply = (status: string, fields = "", body = "") =>
  `RTSP/1.0 ${status}\r\nCSeq: 1\r\n${fields}${body ? `Content-Type: application/sdp\r\nContent-Length: ${body.length}\r\n` : ""}\r\n${body}`;
const OPTIONS = reply("200 OK", "Public: PLAY, OPTIONS, DESCRIBE\r\nServer: Rtsp Server/2.0\r\n");
const camera = (describes: (path: string) => string) =>
  answering((r) => (r.startsWith("OPTIONS") ? OPTIONS : describes(/^DESCRIBE rtsp:\/\/[^/]+(\S*)/.exec(r)?.[1] ?? "")));

test("one open path among refused ones", async () => {
  const challenge = 'WWW-Authenticate: Digest realm="cam", nonce="1"\r\nWWW-Authenticate: Basic realm="cam"\r\n';
  const l = await at(
    "127.18.4.1",
    camera((p) => (p === "/b" ? reply("200 OK", "", SDP) : reply("401 Unauthorized", challenge))),
  );
  expect(await run(l)).toMatchObject({
    outcome: "identified",
    result: {
      posture: {
        tls: false,
        server: "Rtsp Server/2.0",
        methods: ["DESCRIBE", "OPTIONS", "PLAY"],
        randomPathStatus: 401,
        randomPathDescribes: false,
        paths: [
          { path: "/a", status: 401, describes: false, challenges: [{ scheme: "basic" }, { scheme: "digest" }], media: [] },
          { path: "/b", status: 200, describes: true, media: [{ kind: "video", protocol: "RTP/AVP", encodings: ["H264"] }] },
        ],
      },
    },
  });
  expect(l.heard()).not.toMatch(/SETUP|PLAY/);
});

test("a device that describes anything says so at the random path", async () => {
  const l = await at(
    "127.18.4.2",
    camera(() => reply("200 OK", "", SDP)),
  );
  expect(await run(l)).toMatchObject({ result: { posture: { randomPathStatus: 200, randomPathDescribes: true } } });
});

test("the same device gives the same posture twice, though nonces differ", async () => {
  let nonce = 0;
  const l = await at(
    "127.18.4.3",
    camera(() => reply("401 U", `WWW-Authenticate: Digest realm="c", nonce="${nonce++}"\r\n`)),
  );
  const [one, two] = [await run(l), await run(l)];
  if (one.outcome !== "identified" || two.outcome !== "identified") throw new Error("not identified");
  expect(two.result.posture).toEqual(one.result.posture);
});

test("a camera that closes after each refusal is asked on a new connection", async () => {
  const l = await at(
    "127.18.4.4",
    answering((r, _, s) => {
      if (r.startsWith("OPTIONS")) return OPTIONS;
      s.end(reply("401 U", "WWW-Authenticate: Basic realm=x\r\n"));
      return undefined;
    }),
  );
  expect(await run(l)).toMatchObject({
    outcome: "identified",
    result: { posture: { randomPathStatus: 401, paths: [{ status: 401 }, { status: 401 }] } },
  });
});

test("paths that discovery told are asked first", async () => {
  const l = await at(
    "127.18.4.5",
    camera(() => reply("404 N")),
  );
  const target = { address: l.address, port: l.port, hints: { rtspPaths: "/hint\nbad path\n/x\r\nEvil: 1" } };
  await rtspDescribe.run(target, rtspDescribe.options.parse({ paths: ["/a"] }), contextFor("127.18.4.0/24", 3000));
  expect([...l.heard().matchAll(/DESCRIBE rtsp:\/\/[^/]+(\S*)/g)].slice(1).map((m) => m[1])).toEqual(["/hint", "/a"]);
  expect(l.heard()).not.toContain("Evil");
});

test("refused", async () => {
  const l = await at("127.18.4.6", () => undefined);
  l.close();
  expect(await run(l)).toMatchObject({ outcome: "unreachable", fault: { code: "refused" } });
});

test.each<[FaultCode, (s: Socket) => void, object]>([
  ["timeout", () => undefined, { outcome: "undetermined", fault: { phase: "response" } }],
  ["closed", (s) => s.once("data", () => s.end()), { outcome: "undetermined" }],
  ["reset", (s) => s.once("data", () => s.resetAndDestroy()), { outcome: "undetermined" }],
  [
    "malformed",
    (s) => s.once("data", () => s.write("HTTP/1.1 400 Bad Request\r\n\r\n")),
    { outcome: "not-identified", fault: { phase: "decode" } },
  ],
  ["too-large", (s) => s.once("data", () => s.write("RTSP/1.0 200 OK\r\n".padEnd(20_000, "x"))), { outcome: "undetermined" }],
])("%s", async (code, behave, expected) => {
  const started = performance.now();
  const reading = await run(await at("127.18.4.7", behave), ["/a"], 500);
  expect(reading).toMatchObject(expected);
  expect(reading.fault?.code).toBe(code);
  expect(performance.now() - started).toBeLessThan(1500);
});

test("a body larger than its cap ends the list and keeps what was seen", async () => {
  const l = await at(
    "127.18.4.8",
    camera((p) => (p === "/b" ? "RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n" : reply("404 N"))),
  );
  expect(await run(l)).toMatchObject({
    outcome: "identified",
    fault: { code: "too-large" },
    result: { posture: { paths: [{ path: "/a" }] } },
  });
});

test("silence in the middle keeps what was seen", async () => {
  const l = await at(
    "127.18.4.9",
    answering((r) => (r.startsWith("OPTIONS") ? OPTIONS : undefined)),
  );
  expect(await run(l, ["/a"], 400)).toMatchObject({
    outcome: "identified",
    fault: { code: "timeout" },
    result: { posture: { randomPathStatus: 0, paths: [] } },
  });
});

test.each<[FaultCode, string]>([
  ["unreachable", "unreachable"],
  ["out-of-scope", "undetermined"],
  ["budget", "undetermined"],
  ["resource", "undetermined"],
  ["rejected", "not-identified"],
])("%s: %s", async (code, outcome) => {
  const cx = { ...contextFor("192.0.2.1", 1000), dial: fakeDial({ tcp: () => fault("connect", code) }) };
  expect(await rtspDescribe.run({ address: "192.0.2.1", port: 554 }, { tls: false }, cx)).toMatchObject({ outcome, fault: { code } });
});

test("over TLS", async () => {
  const camera = await listenTls(
    "127.18.4.11",
    answering((r) => (r.startsWith("OPTIONS") ? OPTIONS : reply("401 U", "WWW-Authenticate: Basic realm=x\r\n"))),
  );
  open.push({ ...camera, heard: () => "" });
  const options = rtspDescribe.options.parse({ tls: true, paths: ["/a"] });
  const reading = await rtspDescribe.run({ address: camera.address, port: camera.port }, options, contextFor("127.18.4.0/24", 3000));
  expect(reading).toMatchObject({ outcome: "identified", result: { posture: { tls: true, paths: [{ path: "/a", status: 401 }] } } });
});

describe.skipIf(!hasCorpus)("recorded answers, byte for byte", () => {
  test.each(["dahua_describe_h264_aac_onvif", "reolink_describe", "ipcam_describe", "gw_sub_describe"])("%s", async (name) => {
    const bytes = recording(`rtsp/retina/${name}.txt`);
    const l = await at(
      "127.18.4.10",
      answering((r) => (r.startsWith("OPTIONS") ? recording("rtsp/retina/dahua_options.txt") : bytes)),
    );
    const reading = await run(l, ["/a"]);
    if (reading.outcome !== "identified") throw new Error(reading.fault.message);
    const [path] = reading.result.posture.paths;
    expect(path?.describes).toBe(true);
    expect(path?.media.map((m) => m.kind)).toContain("video");
  });
});
