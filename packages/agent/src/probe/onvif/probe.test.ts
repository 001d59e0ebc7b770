import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { contextFor, type Listener, listen } from "../../testing/hostile.ts";
import type { FaultCode } from "../probe.ts";
import { onvifDevice } from "./probe.ts";

const open: Listener[] = [];
afterEach(() => {
  for (const l of open.splice(0)) l.close();
});

const ENVELOPE = (body: string) =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:d="http://www.onvif.org/ver10/device/wsdl" xmlns:ter="http://www.onvif.org/ver10/error" xmlns:t="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`;
const CLOCK = ENVELOPE(
  "<d:GetSystemDateAndTimeResponse><d:SystemDateAndTime><t:DateTimeType>NTP</t:DateTimeType></d:SystemDateAndTime></d:GetSystemDateAndTimeResponse>",
);
const INFORMATION = ENVELOPE(
  "<d:GetDeviceInformationResponse><d:Manufacturer>Maker</d:Manufacturer><d:Model>M1</d:Model><d:SerialNumber>SN-0001-A</d:SerialNumber></d:GetDeviceInformationResponse>",
);
const FAULT = ENVELOPE(
  "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code></s:Fault>",
);
const answer = (status: string, body: string, head = "") =>
  `HTTP/1.1 ${status}\r\nServer: gSOAP/2.8\r\nContent-Type: application/soap+xml\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const ok = (body: string) => answer("200 OK", body);

type Reply = string | ((socket: Socket) => void);

/** A server that answers each operation as told. */
async function service(address: string, replies: Readonly<{ clock: Reply; information: Reply }>): Promise<Listener> {
  const listener = await listen(address, (socket) => {
    let held = "";
    socket.on("data", (bytes) => {
      held += bytes.toString("latin1");
      if (!held.includes("</s:Envelope>")) return;
      const reply = held.includes("<GetSystemDateAndTime ") ? replies.clock : replies.information;
      held = "";
      if (typeof reply === "string") socket.write(reply);
      else reply(socket);
    });
  });
  open.push(listener);
  return listener;
}

const run = (l: { address: string; port: number }, hints: Record<string, string> = { path: "/onvif/service" }, deadlineMs = 3000) =>
  onvifDevice.run({ address: l.address, port: l.port, hints }, onvifDevice.options.parse({}), contextFor("127.18.12.0/24", deadlineMs));

test("two questions at the path that was told, without credentials", async () => {
  const l = await service("127.18.12.1", { clock: ok(CLOCK), information: ok(INFORMATION) });
  expect(await run(l)).toMatchObject({
    outcome: "identified",
    result: {
      posture: { path: "/onvif/service", tls: false, informationOpen: true, manufacturer: "Maker", model: "M1", dateTimeType: "NTP" },
      volatile: { server: "gSOAP/2.8" },
    },
  });
  expect(l.heard().match(/POST \S+/g)).toEqual(["POST /onvif/service", "POST /onvif/service"]);
  expect(l.heard()).not.toMatch(/authorization|<wsse:|UsernameToken/i);
});

test("a path that cannot stand in a request falls back to the usual one", async () => {
  const l = await service("127.18.12.2", { clock: ok(CLOCK), information: ok(INFORMATION) });
  await run(l, { path: "http://198.51.100.1/x\r\nX: y" });
  expect(new Set(l.heard().match(/POST \S+/g))).toEqual(new Set(["POST /onvif/device_service"]));
});

test.each([
  [
    "by HTTP",
    answer("401 Unauthorized", "", 'WWW-Authenticate: Digest realm="ONVIF", algorithm=MD5, qop="auth", nonce="n"\r\n'),
    ["digest"],
  ],
  ["by a fault of ONVIF", answer("400 Bad Request", FAULT), []],
])("a refusal %s is a fact: the information is not open", async (_, information, schemes) => {
  const reading = await run(await service("127.18.12.3", { clock: ok(CLOCK), information }));
  expect(reading).toMatchObject({ outcome: "identified", result: { posture: { informationOpen: false, manufacturer: "" } } });
  if (reading.outcome === "identified") expect(reading.result.posture.challenges.map((c) => c.scheme)).toEqual(schemes);
});

test("a clock behind a login and a device that is not is told by its other answer; nothing at all is not identified", async () => {
  const refused = answer("401 Unauthorized", "<html></html>", 'WWW-Authenticate: Basic realm="x"\r\n');
  expect(await run(await service("127.18.12.4", { clock: refused, information: ok(INFORMATION) }))).toMatchObject({
    outcome: "identified",
    result: { posture: { informationOpen: true, dateTimeType: "" } },
  });
  expect(await run(await service("127.18.12.5", { clock: refused, information: refused }))).toMatchObject({
    outcome: "not-identified",
    fault: { code: "rejected" },
  });
  expect(await run(await service("127.18.12.6", { clock: answer("401 Unauthorized", FAULT), information: refused }))).toMatchObject({
    outcome: "identified",
    result: { posture: { informationOpen: false } },
  });
});

test("a redirect is not followed", async () => {
  const l = await service("127.18.12.7", { clock: answer("302 Found", "", "Location: /other\r\n"), information: ok(INFORMATION) });
  expect(await run(l)).toMatchObject({ outcome: "not-identified", fault: { code: "rejected" } });
  expect(l.heard().match(/POST /g)).toHaveLength(1);
});

test("what was told stands where the second question is cut short", async () => {
  const l = await service("127.18.12.8", { clock: ok(CLOCK), information: () => undefined });
  const reading = await run(l, undefined, 500);
  expect(reading).toMatchObject({ outcome: "identified", result: { posture: { dateTimeType: "NTP" } }, fault: { code: "timeout" } });
  if (reading.outcome === "identified") expect(reading.result.posture.informationOpen).toBeUndefined();
});

test.each<[FaultCode, Reply, string]>([
  ["timeout", () => undefined, "undetermined"],
  ["closed", (s) => void s.end(ok(CLOCK).slice(0, -5)), "undetermined"],
  ["reset", (s) => s.resetAndDestroy(), "undetermined"],
  ["malformed", ok("<html><br></html>"), "not-identified"],
  ["malformed", ok(`<!DOCTYPE a [<!ENTITY x "y">]>${CLOCK}`), "not-identified"],
  ["too-large", `HTTP/1.1 200 OK\r\n\r\n${"<a>".repeat(60_000)}`, "undetermined"],
  ["rejected", answer("404 Not Found", ""), "not-identified"],
])("%s", async (code, clock, outcome) => {
  const started = performance.now();
  expect(await run(await service("127.18.12.9", { clock, information: clock }), undefined, 500)).toMatchObject({
    outcome,
    fault: { code },
  });
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
  expect(await onvifDevice.run({ address: "192.0.2.1", port: 80 }, onvifDevice.options.parse({}), cx)).toMatchObject({
    outcome,
    fault: { code },
  });
});

describe.skipIf(!hasCorpus)("recorded", () => {
  test("a camera is identified from its own bytes", async () => {
    const of = (operation: string) => ok(recording(`onvif/agsh-serverMockup/${operation}.xml`).toString("utf8"));
    const l = await service("127.18.12.10", { clock: of("GetSystemDateAndTime"), information: of("GetDeviceInformation") });
    expect(await run(l)).toMatchObject({
      outcome: "identified",
      result: { posture: { manufacturer: "360Vision", informationOpen: true }, volatile: { deviceTimeS: expect.any(Number) } },
    });
  });
});
