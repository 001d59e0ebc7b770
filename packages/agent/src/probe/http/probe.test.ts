import { afterEach, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { answering, contextFor, type Listener, listen } from "../../testing/hostile.ts";
import { listenTls } from "../../testing/tls.ts";
import type { FaultCode } from "../probe.ts";
import { httpRoot } from "./probe.ts";

const open: Listener[] = [];
afterEach(() => {
  for (const l of open.splice(0)) l.close();
});
const at = async (...given: Parameters<typeof listen>): Promise<Listener> => {
  const listener = await listen(...given);
  open.push(listener);
  return listener;
};
const run = (l: { address: string; port: number }, deadlineMs = 3000, tls = false) =>
  httpRoot.run({ address: l.address, port: l.port }, { tls }, contextFor("127.18.3.0/24", deadlineMs));

test("reads status, server, title, login form and challenge", async () => {
  const body = "<title>Cam</title><input type=password>";
  const camera = await at(
    "127.18.3.1",
    answering(
      () =>
        `HTTP/1.1 401 Unauthorized\r\nServer: x\r\nWWW-Authenticate: Basic realm="cam"\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    ),
  );
  expect(await run(camera)).toMatchObject({
    outcome: "identified",
    result: {
      posture: { status: 401, server: "x", title: "Cam", loginForm: true, challenges: [{ scheme: "basic", realm: "cam" }], redirect: "" },
    },
  });
  expect(camera.heard()).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: 127\.18\.3\.1:\d+\r\n/);
});

test("chunked bodies are joined", async () => {
  const camera = await at(
    "127.18.3.2",
    answering(() => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n<title>\r\n3;x=y\r\nCam\r\n0\r\n\r\n"),
  );
  const reading = await run(camera);
  expect(reading).toMatchObject({ outcome: "identified", result: { posture: { title: "Cam" } } });
  expect(reading.fault).toBeUndefined();
});

test("follows one redirect on the same endpoint and no second", async () => {
  const camera = await at(
    "127.18.3.3",
    answering((r) =>
      r.startsWith("GET / ")
        ? "HTTP/1.1 302 F\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n"
        : "HTTP/1.1 302 F\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
    ),
  );
  expect(await run(camera)).toMatchObject({ outcome: "identified", result: { posture: { redirect: "/a", status: 302 } } });
  expect(camera.heard().match(/GET /g)).toHaveLength(2);
});

test("a redirect to another host is told and not followed", async () => {
  const other = await at("127.18.3.5", () => undefined);
  const camera = await at(
    "127.18.3.4",
    answering(() => `HTTP/1.1 302 F\r\nLocation: http://127.18.3.5:${other.port}/\r\nContent-Length: 0\r\n\r\n`),
  );
  expect(await run(camera)).toMatchObject({ outcome: "identified", result: { posture: { redirectsToHttps: false } } });
  expect(other.heard()).toBe("");
});

test("a redirect to https on the same host is told", async () => {
  const camera = await at(
    "127.18.3.6",
    answering(() => "HTTP/1.1 301 M\r\nLocation: https://127.18.3.6/\r\nContent-Length: 0\r\n\r\n"),
  );
  expect(await run(camera)).toMatchObject({ result: { posture: { redirectsToHttps: true, redirect: "https://127.18.3.6/" } } });
});

test("refused", async () => {
  const closed = await at("127.18.3.7", () => undefined);
  closed.close();
  expect(await run(closed)).toMatchObject({ outcome: "unreachable", fault: { phase: "connect", code: "refused" } });
});

test("timeout: silence after the request, within the deadline", async () => {
  const started = performance.now();
  expect(await run(await at("127.18.3.8", () => undefined), 300)).toMatchObject({
    outcome: "undetermined",
    fault: { phase: "response", code: "timeout" },
  });
  expect(performance.now() - started).toBeLessThan(1000);
});

test("closed, reset, malformed, too-large", async () => {
  const answers: [string, (s: import("node:net").Socket) => void, object][] = [
    ["closed", (s) => s.once("data", () => s.end("HTTP/1.1 200")), { outcome: "undetermined", fault: { code: "closed" } }],
    ["reset", (s) => s.once("data", () => s.resetAndDestroy()), { outcome: "undetermined", fault: { code: "reset" } }],
    ["malformed", (s) => s.write("SSH-2.0-x\r\n\r\n"), { outcome: "not-identified", fault: { phase: "decode", code: "malformed" } }],
    [
      "another protocol that hangs up",
      (s) => s.write("SSH-2.0-x\r\n", () => setTimeout(() => s.resetAndDestroy(), 100)),
      { outcome: "not-identified", fault: { code: "malformed" } },
    ],
    ["too-large", (s) => s.once("data", () => s.write(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(5000)}`)), { fault: { code: "too-large" } }],
  ];
  for (const [, behave, expected] of answers) expect(await run(await at("127.18.3.9", behave))).toMatchObject(expected);
});

test("an endless body is cut at its cap and what was seen is kept", async () => {
  const camera = await at("127.18.3.10", (s) => {
    s.once("data", () => {
      s.write("HTTP/1.1 200 OK\r\n\r\n<title>Endless</title>");
      const timer = setInterval(() => s.writable && s.write("z".repeat(100_000)), 1);
      s.on("close", () => clearInterval(timer));
    });
  });
  expect(await run(camera)).toMatchObject({
    outcome: "identified",
    fault: { code: "too-large" },
    result: { posture: { title: "Endless" }, volatile: { bodyBytes: 262_144 } },
  });
});

test("a body that drips beyond the deadline keeps what came", async () => {
  const camera = await at("127.18.3.11", (s) => {
    s.once("data", () => {
      s.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<title>Slow</title>");
      const timer = setInterval(() => s.write("."), 50);
      s.on("close", () => clearInterval(timer));
    });
  });
  expect(await run(camera, 400)).toMatchObject({
    outcome: "identified",
    fault: { code: "timeout" },
    result: { posture: { title: "Slow" } },
  });
});

test("over TLS, of an old version too, with a certificate that nobody trusts", async () => {
  for (const version of ["TLSv1", "TLSv1.3"] as const) {
    const camera = await listenTls(
      "127.18.3.13",
      answering(() => "HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n<title>Safe</title>"),
      version,
    );
    const reading = await run(camera, 3000, true);
    camera.close();
    expect(reading).toMatchObject({ outcome: "identified", result: { posture: { tls: true, title: "Safe" } } });
  }
});

test("TLS against a peer that speaks none: not this protocol", async () => {
  const plain = await at("127.18.3.12", (s) => s.once("data", () => s.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
  expect(await run(plain, 3000, true)).toMatchObject({ outcome: "not-identified", fault: { phase: "tls", code: "malformed" } });
});

test.each<[FaultCode, string]>([
  ["unreachable", "unreachable"],
  ["out-of-scope", "undetermined"],
  ["budget", "undetermined"],
  ["resource", "undetermined"],
])("%s: %s", async (code, outcome) => {
  const cx = { ...contextFor("192.0.2.1", 1000), dial: fakeDial({ tcp: () => fault("connect", code) }) };
  expect(await httpRoot.run({ address: "192.0.2.1", port: 80 }, { tls: false }, cx)).toMatchObject({ outcome, fault: { code } });
});

test("a bug of ours is thrown, not reported as the network's", async () => {
  const cx = {
    ...contextFor("192.0.2.1", 1000),
    dial: fakeDial({
      tcp: () => ({
        greeting: [],
        answer: () => {
          throw new TypeError("ours");
        },
      }),
    }),
  };
  await expect(httpRoot.run({ address: "192.0.2.1", port: 80 }, { tls: false }, cx)).rejects.toThrow(TypeError);
});
