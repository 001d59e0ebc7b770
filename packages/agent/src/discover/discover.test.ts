import dnsPacket, { type Answer } from "dns-packet";
import { afterEach, describe, expect, test } from "vitest";
import { createBudget } from "../net/budget.ts";
import { systemClock } from "../net/clock.ts";
import { createDoor } from "../net/door.ts";
import { siteInterfaces } from "../net/interfaces.ts";
import { MDNS, SSDP, WSD } from "../net/multicast.ts";
import { memoryProbeLog } from "../net/probe-log.ts";
import { parseScope } from "../net/scope.ts";
import { speaker } from "../testing/multicast.ts";
import type { Discover, DiscoverContext, Discovered } from "./discover.ts";
import { mdns } from "./mdns.ts";
import { ssdp } from "./ssdp.ts";
import { wsd } from "./wsd.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const scope = parseScope({ include: ["127.18.9.0/28"] });
const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));

function begin(source: Discover): {
  events: Discovered[];
  of(kind: Discovered["kind"], address: string): Discovered[];
  stop(): Promise<void>;
} {
  const interfaces = siteInterfaces(scope, { loopbackSource: "127.18.9.14" });
  const door = createDoor({ scope, budget: createBudget(systemClock), clock: systemClock, log: memoryProbeLog(), interfaces });
  const cx: DiscoverContext = { door, clock: systemClock, note: () => undefined };
  const events: Discovered[] = [];
  const running = source.start(cx, (e) => events.push(e));
  ends.push(() => running.stop());
  const addressOf = (e: Discovered) => {
    if (e.kind === "signal") return e.address;
    if (e.kind === "target") return e.target.address;
    return e.found.subject?.kind === "host" ? e.found.subject.address : "";
  };
  return { events, of: (kind, address) => events.filter((e) => e.kind === kind && addressOf(e) === address), stop: () => running.stop() };
}

const notify = (nts: string, location: string, boot: number, nt = "upnp:rootdevice") =>
  `NOTIFY * HTTP/1.1\r\nNT: ${nt}\r\nNTS: ${nts}\r\nUSN: uuid:1::${nt}\r\nLOCATION: ${location}\r\nBOOTID.UPNP.ORG: ${boot}\r\n\r\n`;

describe("ssdp", () => {
  test("announcements become targets, facts and signals; bursts and strangers do not", async () => {
    const heard = begin(ssdp);
    const cam = await speaker("127.18.9.1", SSDP);
    const stranger = await speaker("127.18.98.1", SSDP);
    ends.push(
      () => cam.close(),
      () => stranger.close(),
    );
    await pause(100);
    const location = "http://127.18.9.1:49152/d.xml";
    for (const nt of ["upnp:rootdevice", "urn:x", "urn:y"]) await cam.say(notify("ssdp:alive", location, 1, nt));
    await stranger.say(notify("ssdp:alive", location, 1));
    await pause(100);
    expect(heard.of("target", "127.18.9.1")).toEqual([
      {
        kind: "target",
        source: "ssdp",
        probe: "upnp.description",
        target: { address: "127.18.9.1", port: 49152, hints: { path: "/d.xml" } },
      },
    ]);
    expect(heard.of("signal", "127.18.9.1")).toMatchObject([{ reason: "appeared" }]);
    expect(heard.of("observation", "127.18.9.1")).toHaveLength(3);

    await cam.say(notify("ssdp:alive", location, 1));
    await cam.say(notify("ssdp:alive", location, 2));
    await cam.say(notify("ssdp:alive", "http://127.18.98.7/other", 2));
    await pause(1_100);
    await cam.say(notify("ssdp:byebye", "", 2));
    await cam.say(notify("ssdp:byebye", "", 2, "urn:x"));
    await pause(100);
    expect(heard.of("signal", "127.18.9.1").map((e) => e.kind === "signal" && e.reason)).toEqual(["appeared", "changed", "goodbye"]);
    // A LOCATION on another host is no target.
    expect(heard.of("target", "127.18.9.1")).toHaveLength(2);
    expect(heard.events.filter((e) => JSON.stringify(e).includes("127.18.98.1"))).toEqual([]);
  });
});

test("a goodbye is a signal also from a host that was never heard announcing", async () => {
  const heard = begin(ssdp);
  const browsed = begin(mdns);
  const cam = await speaker("127.18.9.4", SSDP);
  const camera = await speaker("127.18.9.5", MDNS);
  ends.push(
    () => cam.close(),
    () => camera.close(),
  );
  await pause(100);
  await cam.say(notify("ssdp:byebye", "", 1));
  await cam.say(notify("ssdp:byebye", "", 1, "urn:x"));
  const answers: Answer[] = [{ name: "_rtsp._tcp.local", type: "PTR", ttl: 0, data: "Cam._rtsp._tcp.local" }];
  await camera.say(dnsPacket.encode({ type: "response", id: 0, flags: 0, answers }));
  await pause(100);
  expect(heard.of("signal", "127.18.9.4")).toEqual([{ kind: "signal", source: "ssdp", address: "127.18.9.4", reason: "goodbye" }]);
  expect(browsed.of("signal", "127.18.9.5")).toEqual([{ kind: "signal", source: "mdns", address: "127.18.9.5", reason: "goodbye" }]);
});

describe("mdns", () => {
  const say = (answers: Answer[]) => dnsPacket.encode({ type: "response", id: 0, flags: 0, answers });
  const service = (ttl: number, port = 554): Answer[] => [
    { name: "_rtsp._tcp.local", type: "PTR", ttl, data: "A. Cam._rtsp._tcp.local" },
    { name: "A. Cam._rtsp._tcp.local", type: "SRV", ttl, flush: true, data: { port, target: "cam.local" } },
    { name: "A. Cam._rtsp._tcp.local", type: "TXT", ttl, flush: true, data: ["path=live"] },
    { name: "cam.local", type: "A", ttl, data: "127.18.9.2" },
  ];

  test("services become targets; goodbyes and changes become signals", async () => {
    const heard = begin(mdns);
    const cam = await speaker("127.18.9.2", MDNS);
    ends.push(() => cam.close());
    await pause(100);
    await cam.say(say(service(120)));
    await cam.say(Buffer.from("rubbish"));
    await pause(1_200);
    await cam.say(say(service(120, 8554)));
    await pause(100);
    await cam.say(say(service(0, 8554)));
    await pause(100);
    const targets = heard.of("target", "127.18.9.2").flatMap((e) => (e.kind === "target" ? [[e.probe, e.target.port]] : []));
    expect(targets).toEqual(
      expect.arrayContaining([
        ["rtsp.describe", 554],
        ["rtsp.describe", 8554],
        ["mdns.browse", 5353],
      ]),
    );
    expect(heard.of("target", "127.18.9.2")[0]).toMatchObject({ target: { hints: { rtspPaths: "/live" } } });
    expect(heard.of("signal", "127.18.9.2").map((e) => e.kind === "signal" && e.reason)).toEqual(["appeared", "changed", "goodbye"]);
  });

  test("a service at another host's address is no target", async () => {
    const heard = begin(mdns);
    const proxy = await speaker("127.18.9.3", MDNS);
    ends.push(() => proxy.close());
    await pause(100);
    await proxy.say(say(service(120)));
    await pause(100);
    expect(heard.of("target", "127.18.9.3").map((e) => e.kind === "target" && e.probe)).toEqual(["mdns.browse"]);
  });
});

describe("wsd", () => {
  const said = (kind: "Hello" | "Bye", instance: number, xAddr: string) =>
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header><d:AppSequence InstanceId="${instance}"/></s:Header><s:Body><d:${kind}><a:EndpointReference><a:Address>urn:uuid:w</a:Address></a:EndpointReference><d:XAddrs>${xAddr}</d:XAddrs></d:${kind}></s:Body></s:Envelope>`;

  test("Hello, a restart, another address and Bye are signals; repetitions, answers, rubbish and strangers are not", async () => {
    const heard = begin(wsd);
    const cam = await speaker("127.18.9.7", WSD);
    const stranger = await speaker("127.18.98.7", WSD);
    ends.push(
      () => cam.close(),
      () => stranger.close(),
    );
    await pause(100);
    await stranger.say(said("Hello", 1, "http://127.18.9.7/"));
    await cam.say("rubbish");
    await cam.say(said("Hello", 1, "http://127.18.9.7/").replaceAll("Hello>", "ProbeMatch>"));
    for (let n = 0; n < 3; n++) await cam.say(said("Hello", 1, "http://127.18.9.7/"));
    await pause(1_100);
    await cam.say(said("Hello", 2, "http://127.18.9.7/"));
    await pause(1_100);
    await cam.say(said("Hello", 2, "http://127.18.98.7/elsewhere"));
    for (let n = 0; n < 2; n++) await cam.say(said("Bye", 2, ""));
    await pause(100);
    expect(heard.of("signal", "127.18.9.7").map((e) => e.kind === "signal" && e.reason)).toEqual([
      "appeared",
      "changed",
      "changed",
      "goodbye",
    ]);
    const wanted = { kind: "target", source: "wsd", probe: "wsd.probe", target: { address: "127.18.9.7", port: 3702 } };
    expect(heard.of("target", "127.18.9.7")).toEqual([wanted, wanted, wanted]);
    expect(heard.events.filter((e) => JSON.stringify(e).includes("127.18.98.7"))).toEqual([]);
  });
});

test("a stopped source emits nothing more and closes its sockets", async () => {
  const heard = begin(ssdp);
  const cam = await speaker("127.18.9.6", SSDP);
  ends.push(() => cam.close());
  await pause(100);
  await heard.stop();
  await cam.say(notify("ssdp:alive", "http://127.18.9.6/", 1));
  await pause(100);
  expect(heard.events).toEqual([]);
});
