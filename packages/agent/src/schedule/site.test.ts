import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  encodeFacts,
  type MdnsBrowsePosture,
  MdnsBrowsePostureSchema,
  MdnsBrowseVolatileSchema,
  type ProbeId,
  SsdpSearchPostureSchema,
  SsdpSearchVolatileSchema,
  TcpConnectPostureSchema,
  TcpConnectVolatileSchema,
  WsdProbePostureSchema,
  WsdProbeVolatileSchema,
} from "@vedette/proto";
import { expect, test } from "vitest";
import { createObserver } from "../observe.ts";
import { createMemoryOutbox } from "../outbox/memory.ts";
import type { Facts } from "../probe/probe.ts";
import type { Look, LookSubject } from "../run.ts";
import { asPresence } from "./presence.ts";
import { createSite } from "./site.ts";

const HOST = "192.0.2.7";
const HOST_SUBJECT: LookSubject = { kind: "host", address: HOST };

function look(probe: ProbeId, subject: LookSubject, facts: Facts<ProbeId> | undefined, more: Partial<Look> = {}): Look {
  return {
    probe,
    probeVersion: 1,
    tier: "polite",
    subject,
    interface: "",
    wallMs: 0,
    monotonicMs: 0,
    outcome: facts === undefined ? "unreachable" : "identified",
    ...(facts === undefined ? {} : { facts, encoded: encodeFacts(probe, facts.posture, facts.volatile) }),
    evidence: [],
    cost: { connections: 0, bytesIn: 0, bytesOut: 0, durationMs: 0 },
    notes: [],
    ...more,
  };
}

function ports(list: string, covered: readonly number[], open: MessageInitShape<typeof TcpConnectPostureSchema>["open"]): Look {
  const posture = create(TcpConnectPostureSchema, { list, covered: covered.map((p) => ({ first: p, last: p })), open: open ?? [] });
  return look("tcp.connect", HOST_SUBJECT, { posture, volatile: create(TcpConnectVolatileSchema) }, { variant: list });
}

const missed = () => look("tcp.connect", HOST_SUBJECT, undefined, { variant: "presence" });
const known = (site: ReturnType<typeof createSite>) => [...(site.hosts.get(HOST)?.ports.keys() ?? [])].sort((a, b) => a - b);

test("a refusal alone makes no host, an open port does", () => {
  const site = createSite();
  expect(site.absorb(ports("guard", [80], []))).toBeUndefined();
  expect(site.hosts.size).toBe(0);
  expect(site.absorb(ports("guard", [80, 443], [{ port: 80 }]))).toMatchObject({ opened: [80], closed: [] });
});

test("only what a look covered is closed by it, and a banner outlives looks that wait for none", () => {
  const site = createSite();
  site.absorb(ports("common", [23, 80, 8000], [{ port: 23, protocol: "telnet" }, { port: 80 }, { port: 8000 }]));
  expect(site.absorb(ports("presence", [23, 80], [{ port: 23 }]))).toMatchObject({ closed: [80] });
  expect(known(site)).toEqual([23, 8000]);
  expect(site.hosts.get(HOST)?.ports.get(23)?.banner).toBe("telnet");
});

test("a host that refuses all its known endpoints has missed the look, and keeps them", () => {
  const site = createSite();
  site.absorb(ports("guard", [80], [{ port: 80 }]));
  const seen = asPresence(ports("presence", [80], []));
  expect(seen).toMatchObject({ outcome: "unreachable", fault: { code: "refused" } });
  expect(seen.facts).toBeUndefined();
  site.absorb(seen);
  expect(site.hosts.get(HOST)).toMatchObject({ missed: 1 });
  expect(known(site)).toEqual([80]);
  expect(site.absorb(ports("presence", [80], [{ port: 80 }]))).toMatchObject({ revived: true });
});

test("a search's answers do not show that a host is alive", () => {
  const site = createSite();
  site.absorb(ports("guard", [80], [{ port: 80 }]));
  site.absorb(missed());
  site.absorb(look("ssdp.search", HOST_SUBJECT, { posture: create(SsdpSearchPostureSchema), volatile: create(SsdpSearchVolatileSchema) }));
  expect(site.hosts.get(HOST)).toMatchObject({ missed: 1 });
});

test("the description of a port is the root device's on the host itself, in whatever order it was told", () => {
  const services = [
    { usn: "uuid:a::urn:x", location: `http://${HOST}:49152/other.xml` },
    { usn: "uuid:a::upnp:rootdevice", location: `http://${HOST}:49152/z.xml` },
    { usn: "uuid:b::upnp:rootdevice", location: `http://${HOST}:49152/b.xml` },
    { usn: "uuid:c::upnp:rootdevice", location: "http://203.0.113.1:80/foreign.xml" },
  ];
  for (const told of [services, [...services].reverse()]) {
    const site = createSite();
    site.absorb(
      look("ssdp.search", HOST_SUBJECT, {
        posture: create(SsdpSearchPostureSchema, { services: told }),
        volatile: create(SsdpSearchVolatileSchema),
      }),
    );
    expect([...(site.hosts.get(HOST)?.descriptions ?? [])]).toEqual([[49_152, "/b.xml"]]);
  }
});

test("announced services are known with their paths", () => {
  const posture: MdnsBrowsePosture = create(MdnsBrowsePostureSchema, {
    services: [
      { type: "_rtsp._tcp", port: 8554, txt: ["path=/live"] },
      { type: "_ipp._tcp", port: 631 },
    ],
  });
  const site = createSite();
  site.absorb(look("mdns.browse", HOST_SUBJECT, { posture, volatile: create(MdnsBrowseVolatileSchema) }));
  expect([...(site.hosts.get(HOST)?.announced ?? [])]).toEqual([[8554, { application: "rtsp", rtspPaths: "/live" }]]);
});

test("a host that answered a WS-Discovery search alone is known with its own device services, and after a restart again", () => {
  const targets = [
    { endpoint: "urn:uuid:1", scopes: ["onvif://www.onvif.org/type/ptz"], xAddrs: ["http://192.0.2.99/", `http://${HOST}:8000/s`] },
    { endpoint: "urn:uuid:2", scopes: ["onvif://www.onvif.org/type/ptz"], xAddrs: ["http://192.0.2.99/elsewhere"] },
  ];
  const posture = create(WsdProbePostureSchema, { targets });
  const probed = look("wsd.probe", HOST_SUBJECT, { posture, volatile: create(WsdProbeVolatileSchema) });
  const site = createSite();
  expect(site.absorb(probed)).toMatchObject({ address: HOST, revived: false });
  expect([...site.hosts.keys()]).toEqual([HOST]);
  expect([...(site.hosts.get(HOST)?.onvif ?? [])]).toEqual([[8000, { path: "/s", tls: false }]]);
  const outbox = createMemoryOutbox({ now: () => 1 });
  createObserver({ outbox, now: () => 1, onRefused: () => expect.unreachable() }).report(probed, { intervalMs: 60_000, confirmMs: 60_000 });
  const again = createSite();
  again.restore(outbox.allTold());
  expect([...again.hosts.keys()]).toEqual([HOST]);
  expect(again.hosts.get(HOST)?.onvif).toEqual(site.hosts.get(HOST)?.onvif);
});

test("a host that tells other device services with each answer is known with the latest of them", () => {
  const site = createSite();
  for (let n = 0; n < 10; n++) {
    const ports = Array.from({ length: 8 }, (_, i) => 8000 + 8 * n + i);
    const targets = ports.map((port) => ({ endpoint: `urn:uuid:${port}`, scopes: ["onvif://x"], xAddrs: [`http://${HOST}:${port}/`] }));
    const posture = create(WsdProbePostureSchema, { targets });
    site.absorb(look("wsd.probe", HOST_SUBJECT, { posture, volatile: create(WsdProbeVolatileSchema) }));
  }
  expect([...(site.hosts.get(HOST)?.onvif.keys() ?? [])]).toEqual(Array.from({ length: 32 }, (_, i) => 8048 + i));
});

test("after a restart the later look wins, and missed looks go on counting", () => {
  let now = 1000;
  const outbox = createMemoryOutbox({ now: () => now });
  const observer = createObserver({ outbox, now: () => now, onRefused: () => expect.unreachable() });
  const cadence = { intervalMs: 60_000, confirmMs: 60_000 };
  for (const l of [ports("common", [23, 80], [{ port: 23 }, { port: 80 }]), ports("guard", [23], []), missed(), missed()]) {
    observer.report(l, cadence);
    now += 1000;
  }
  const site = createSite();
  site.restore(outbox.allTold());
  expect(known(site)).toEqual([80]);
  expect(site.hosts.get(HOST)?.missed).toBe(2);
});

test("of a damaged memory what can be read is known again", () => {
  const outbox = createMemoryOutbox({ now: () => 1 });
  const observer = createObserver({ outbox, now: () => 1, onRefused: () => expect.unreachable() });
  observer.report(ports("common", [80], [{ port: 80 }]), { intervalMs: 60_000, confirmMs: 60_000 });
  const site = createSite();
  const damaged = [...outbox.allTold()].map(
    ([look, told]) => [look.replace(HOST, "192.0.2.8"), { ...told, posture: Uint8Array.of(0xff, 0xff) }] as const,
  );
  expect(damaged).toHaveLength(1);
  expect(site.restore([...damaged, ...outbox.allTold()])).toEqual(damaged.map(([look]) => look));
  expect(known(site)).toEqual([80]);
});
