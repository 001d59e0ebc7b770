/** One site of real daemons: a full round finds what their configurations say, what they announce is acted on at once, and nothing leaves the scope. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Round, startLive, takeRound } from "./agent/child.ts";
import type { SeenLook } from "./agent/seen.ts";
import { withdrawService } from "./avahi/product.ts";
import { missing } from "./expected.ts";
import { CAPTURE_PROGRAMS, type Capture, capture, type Frame } from "./frames.ts";
import { startLure } from "./lure/product.ts";
import { outside } from "./outside.ts";
import { areInstalled, installed, isPossible, type LabSite, openSite, PRODUCTS, SCOPE, SCOPE_ADDRESSES } from "./site.ts";
import { walk } from "./snmpd/walk.ts";

const SINK = "198.18.9.9";
const STRANGER = "198.18.9.10";
const LURE = "198.18.0.19";
/** Faster than the usual budget: the pace is budget.test.ts's subject. */
const BUDGET = { sitePerSecond: 1_000, hostPerSecond: 100, sweepHostPerSecond: 400 };
const LONG_MS = 600_000;

const possible = await isPossible();
const products = possible ? await installed(PRODUCTS) : [];
const names = new Set(products.map(({ name }) => name));
const walks = possible && (await areInstalled(["snmpbulkwalk"]));
const captures = possible && (await areInstalled([...CAPTURE_PROGRAMS, "openssl"]));

let site: LabSite;
let folder: string;
let round: Round;
let sent: Capture;
let arrived: Capture;

beforeAll(async () => {
  if (!possible) return;
  folder = await mkdtemp(join(tmpdir(), "vedette-lab-"));
  site = await openSite(products);
  if (captures) {
    await startLure(await site.add("lure", LURE), SINK, folder);
    await startLure(await site.add("stranger", STRANGER), STRANGER, folder);
    const sink = await site.add("sink", SINK);
    [sent, arrived] = await Promise.all([capture(site.agent, join(folder, "sent.pcapng")), capture(sink, join(folder, "arrived.pcapng"))]);
  }
  round = await takeRound(site.agent, { scope: [SCOPE], budget: BUDGET });
});
afterAll(async () => {
  if (!possible) return;
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!possible)("a full round", () => {
  test.each(products)("finds what the configuration of $name says", ({ address, expected }) => {
    expect(expected.looks.flatMap((look) => missing(look, address, round.looks))).toEqual([]);
  });

  test.each(products)("knows the link address of $name in every look at it", ({ name, address }) => {
    const at = round.looks.filter(({ subject, probe }) => subject.address === address && probe !== "ssdp.notify");
    expect(at.length).toBeGreaterThan(0);
    expect(new Set(at.map(({ linkAddress }) => linkAddress))).toEqual(new Set([site.started.get(name)?.host.linkAddress]));
    expect(new Set(at.map((look) => look.interface))).toEqual(new Set(["eth0"]));
  });

  test("finds nothing where nothing is", () => {
    const known = new Set([...products.map(({ address }) => address), ...(captures ? [LURE] : [])]);
    const found = new Set(round.looks.flatMap(({ subject }) => subject.address ?? []));
    expect(found).toEqual(known);
    expect(round.silentAddresses.length).toBe(SCOPE_ADDRESSES - known.size);
  });

  test.skipIf(!names.has("snmpd") || !walks)("reads the same values as snmpbulkwalk", async () => {
    const host = site.started.get("snmpd")?.host;
    const ours = round.looks.find(({ probe, outcome }) => probe === "snmp.system" && outcome === "identified")?.facts;
    expect(await walk(site.agent, host?.address ?? "")).toEqual({
      description: ours?.["description"],
      objectId: ours?.["objectId"],
      name: ours?.["name"],
      location: ours?.["location"],
      contact: ours?.["contact"],
      engineId: ours?.["engineId"],
      interfaces: ours?.["interfaces"],
    });
  });
});

describe.skipIf(!names.has("avahi") || !names.has("minidlna"))("a live agent", () => {
  const of = (name: string) => {
    const started = site.started.get(name);
    if (started === undefined) throw new Error(`${name} does not run`);
    return started;
  };
  const types = (look: SeenLook) => ((look.facts?.["services"] ?? []) as { type: string }[]).map(({ type }) => type);

  test("looks again at once when a service says goodbye, and when a device does", async () => {
    const [camera, recorder] = [of("avahi"), of("minidlna")];
    // Only what is announced can ask for the looks below: their own turns come after the test.
    const intervals = {
      discovery: LONG_MS,
      presence: LONG_MS,
      guard: LONG_MS,
      common: LONG_MS,
      tls: LONG_MS,
      light: 3_000,
      certificate: 3_000,
    };
    const agent = startLive(site.agent, { scope: [SCOPE], budget: BUDGET, intervals, confirmMs: 1_000 });
    try {
      const browse = ({ probe, subject }: SeenLook) => probe === "mdns.browse" && subject.address === camera.host.address;
      await agent.until((look) => browse(look) && types(look).includes("_rtsp._tcp"), 30_000);
      await withdrawService(camera, "rtsp.service");
      const after = await agent.until((look) => browse(look) && look.facts !== undefined && !types(look).includes("_rtsp._tcp"), 10_000);
      expect(types(after)).toEqual(["_http._tcp"]);

      const at = ({ subject }: SeenLook) => subject.address === recorder.host.address;
      await agent.until((look) => at(look) && look.probe === "tcp.connect" && look.facts?.["list"] === "presence", 30_000);
      await recorder.running.stop("SIGTERM");
      await agent.until((look) => at(look) && look.probe === "ssdp.notify" && look.facts?.["kind"] === "ssdp:byebye", 5_000);
      await agent.until((look) => at(look) && look.probe === "tcp.connect" && look.outcome === "unreachable", 10_000);
    } finally {
      await agent.stop();
    }
    expect(agent.looks.filter(({ subject }) => subject.address === STRANGER || subject.address === SINK)).toEqual([]);
  });
});

describe.skipIf(!captures)("the scope", () => {
  let frames: readonly Frame[];
  let atSink: readonly Frame[];
  beforeAll(async () => {
    frames = (await sent.stop()).filter(({ linkSource }) => linkSource === site.agent.linkAddress);
    atSink = (await arrived.stop()).filter(({ linkSource }) => linkSource === site.agent.linkAddress);
  });

  test("was tempted: every way to point elsewhere was seen", () => {
    const at = (probe: string, port = 0) =>
      round.looks.find((look) => look.probe === probe && look.subject.address === LURE && (look.subject.port ?? 0) === port);
    expect(JSON.stringify(at("ssdp.search")?.facts)).toContain(`http://${SINK}/description.xml`);
    expect(JSON.stringify(at("mdns.browse")?.facts)).toContain("elsewhere.local");
    expect(JSON.stringify(at("wsd.probe")?.facts)).toContain(`http://${SINK}/onvif/device_service`);
    expect(at("http.root", 80)?.facts).toMatchObject({ status: 302, redirect: `http://${SINK}/` });
    expect(at("http.root", 443)?.facts).toMatchObject({ status: 301, redirect: `https://${SINK}/` });
    expect(at("upnp.description", 8080)).toMatchObject({ outcome: "not-identified", fault: { code: "rejected" } });
    expect(at("upnp.description", 8081)?.facts).toMatchObject({ friendlyName: "Lure", presentationUrl: `http://${SINK}/` });
    expect(JSON.stringify(at("rtsp.describe", 554)?.facts)).toContain('"status":302');
    expect(JSON.stringify(at("tls.handshake", 443)?.facts)).toContain("CN=lure.test");
  });

  test("holds: no frame of the agent leaves it but the listed multicast", () => {
    expect(frames.filter(({ opens }) => opens).length).toBeGreaterThan(2_000);
    expect(outside(frames, SCOPE)).toEqual([]);
  });

  test("holds at the sink: nothing comes to it but what goes to every host", () => {
    expect(atSink.length).toBeGreaterThan(0);
    expect(outside(atSink, SCOPE)).toEqual([]);
    expect(atSink.filter(({ kind, target }) => kind !== "arp" && target === SINK)).toEqual([]);
  });
});
