import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { answering, contextFor, type Listener, listen } from "../../testing/hostile.ts";
import type { FaultCode } from "../probe.ts";
import { upnpDescription } from "./probe.ts";

const open: Listener[] = [];
afterEach(() => {
  for (const l of open.splice(0)) l.close();
});
const at = async (...given: Parameters<typeof listen>): Promise<Listener> => {
  const listener = await listen(...given);
  open.push(listener);
  return listener;
};
const run = (l: { address: string; port: number }, hints: Record<string, string> = { path: "/desc.xml" }, deadlineMs = 3000) =>
  upnpDescription.run(
    { address: l.address, port: l.port, hints },
    upnpDescription.options.parse({}),
    contextFor("127.18.6.0/24", deadlineMs),
  );

const ok = (body: string) =>
  `HTTP/1.1 200 OK\r\nServer: Linux/3.0 UPnP/1.0 x/1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const XML = "<root><device><manufacturer>Acme</manufacturer><UDN>uuid:1-2</UDN></device></root>";

test("reads the path that discovery told, and only that", async () => {
  const l = await at(
    "127.18.6.1",
    answering(() => ok(XML)),
  );
  expect(await run(l)).toMatchObject({
    outcome: "identified",
    result: { posture: { locationPath: "/desc.xml", manufacturer: "Acme", udn: "1-2" }, volatile: { server: "Linux/3.0 UPnP/1.0 x/1" } },
  });
  expect(l.heard().match(/GET \S+/g)).toEqual(["GET /desc.xml"]);
});

test("a hint that is no path falls back to the option", async () => {
  const l = await at(
    "127.18.6.2",
    answering(() => ok(XML)),
  );
  await run(l, { path: "http://198.51.100.1/x\r\nX: y" });
  expect(l.heard().match(/GET \S+/g)).toEqual(["GET /rootDesc.xml"]);
});

test("a redirect is not followed", async () => {
  const l = await at(
    "127.18.6.3",
    answering(() => "HTTP/1.1 302 F\r\nLocation: /other.xml\r\nContent-Length: 0\r\n\r\n"),
  );
  expect(await run(l)).toMatchObject({ outcome: "not-identified", fault: { code: "rejected" } });
  expect(l.heard().match(/GET /g)).toHaveLength(1);
});

test.each<[FaultCode, (s: Socket) => void, string]>([
  ["timeout", () => undefined, "undetermined"],
  ["closed", answering((_, __, s) => void s.end(ok(XML).slice(0, -5))), "undetermined"],
  ["reset", (s) => s.once("data", () => s.resetAndDestroy()), "undetermined"],
  ["malformed", answering(() => ok("<html><br></html>")), "not-identified"],
  ["too-large", answering(() => `HTTP/1.1 200 OK\r\n\r\n${"<a>".repeat(200_000)}`), "undetermined"],
  ["rejected", answering(() => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), "not-identified"],
])("%s", async (code, behave, outcome) => {
  const started = performance.now();
  expect(await run(await at("127.18.6.4", behave), undefined, 500)).toMatchObject({ outcome, fault: { code } });
  expect(performance.now() - started).toBeLessThan(1500);
});

test.each<[FaultCode, string]>([
  ["refused", "unreachable"],
  ["unreachable", "unreachable"],
  ["out-of-scope", "undetermined"],
  ["budget", "undetermined"],
  ["resource", "undetermined"],
])("%s: %s", async (code, outcome) => {
  const cx = { ...contextFor("192.0.2.1", 1000), dial: fakeDial({ tcp: () => fault("connect", code) }) };
  expect(await upnpDescription.run({ address: "192.0.2.1", port: 80 }, upnpDescription.options.parse({}), cx)).toMatchObject({
    outcome,
    fault: { code },
  });
});

describe.skipIf(!hasCorpus)("recorded", () => {
  test("Axis M1014 is identified from its own bytes", async () => {
    const l = await at(
      "127.18.6.5",
      answering(() => ok(recording("upnp/axis-m1014_rootdesc1.xml").toString("utf8"))),
    );
    expect(await run(l, { path: "/rootdesc1.xml" })).toMatchObject({
      outcome: "identified",
      result: { posture: { manufacturer: "AXIS" } },
    });
  });
});
