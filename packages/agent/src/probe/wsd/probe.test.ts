import { afterEach, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { WSD } from "../../net/multicast.ts";
import { contextFor } from "../../testing/hostile.ts";
import { speaker } from "../../testing/multicast.ts";
import { wsdProbe } from "./probe.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
const VIA = "127.18.11.200";
const group = { address: WSD.address, port: WSD.port };
const context = (deadlineMs = 5000) => contextFor("127.18.11.0/24", deadlineMs, VIA);
const search = (listenMs = 600, cx = context()) => wsdProbe.runMany(group, wsdProbe.options.parse({ via: VIA, listenMs }), cx);

interface Heard {
  readonly kind: "Probe" | "Resolve";
  readonly id: string;
  readonly types: string;
  /** Year of the namespace. */
  readonly version: string;
}

/** Read by hand: this side shares no code with the probe. */
function heardIn(bytes: Buffer): Heard | undefined {
  const text = bytes.toString();
  const kind = /<d:(Probe|Resolve)>/.exec(text)?.[1] as Heard["kind"] | undefined;
  const id = /<a:MessageID>([^<]*)</.exec(text)?.[1] ?? "";
  const version = /xmlns:d="[^"]*\/(\d{4})\/\d\d/.exec(text)?.[1] ?? "";
  return kind && { kind, id, version, types: /<d:Types[^>]*>([^<]*)</.exec(text)?.[1] ?? "" };
}

const answer = (kind: "Probe" | "Resolve", id: string, endpoint: string, more = "") =>
  `<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header><w:RelatesTo>${id}</w:RelatesTo><d:AppSequence InstanceId="5" MessageNumber="1"/></e:Header><e:Body><d:${kind}Matches><d:${kind}Match><w:EndpointReference><w:Address>${endpoint}</w:Address></w:EndpointReference>${more}</d:${kind}Match></d:${kind}Matches></e:Body></e:Envelope>`;
const XADDR = "<d:XAddrs>http://127.18.11.1/onvif/device_service</d:XAddrs>";

async function device(address: string, answers: (heard: Heard) => readonly string[]) {
  const asked: Heard[] = [];
  const voice = await speaker(address, group, (bytes, from) => {
    const heard = heardIn(bytes);
    if (!heard) return;
    asked.push(heard);
    for (const a of answers(heard)) voice.tell(a, from);
  });
  ends.push(() => voice.close());
  return { ...voice, asked };
}
const toAll =
  (endpoint: string, more = XADDR) =>
  (h: Heard) =>
    h.kind === "Probe" && h.types === "" ? [answer("Probe", h.id, endpoint, more)] : [];
const at = (found: Awaited<ReturnType<typeof search>>["found"], address: string) =>
  found.find((f) => f.subject?.kind === "host" && f.subject.address === address);

test("a search by multicast finds hosts by sender; strangers, rubbish and answers to nobody's question are dropped", async () => {
  await device("127.18.11.1", toAll("urn:uuid:b"));
  const rude = await device("127.18.11.2", (h) => [
    "rubbish",
    ...toAll("urn:uuid:a")(h),
    answer("Probe", "urn:uuid:other", "urn:uuid:forged", XADDR),
  ]);
  await device("127.18.99.2", toAll("urn:uuid:stranger"));
  const cx = context();
  const { found, fault: why } = await search(600, cx);
  expect(why).toBeUndefined();
  expect(at(found, "127.18.11.1")).toMatchObject({
    posture: { targets: [{ endpoint: "urn:uuid:b", xAddrs: ["http://127.18.11.1/onvif/device_service"] }] },
    volatile: { instanceId: 5, metadataVersions: [0] },
  });
  expect(at(found, "127.18.11.2")?.posture.targets.map((t) => t.endpoint)).toEqual(["urn:uuid:a"]);
  expect(at(found, "127.18.99.2")).toBeUndefined();
  expect(cx.dial.dropped.outOfScope).toBeGreaterThan(0);
  // Four questions, each twice under one id.
  expect(rude.asked.length).toBe(8);
  expect(new Set(rude.asked.map((h) => h.id)).size).toBe(4);
});

test("a device that answers its own type alone is found, and what two answers say of it is put together", async () => {
  const types = (t: string) => `<d:Types>${t}</d:Types>`;
  await device("127.18.11.3", (h) => {
    if (h.types === "dn:NetworkVideoTransmitter") return [answer("Probe", h.id, "urn:uuid:c", types("one") + XADDR)];
    return h.types === "wsdp:Device" ? [answer("Probe", h.id.toUpperCase().replace("URN:", ""), "urn:uuid:c", types("two") + XADDR)] : [];
  });
  expect(at((await search()).found, "127.18.11.3")?.posture.targets.map((t) => t.types)).toEqual([["{}one", "{}two"]]);
});

test("an answer without an address is resolved once, by who gave it alone", async () => {
  const shy = await device("127.18.11.4", (h) =>
    h.kind === "Probe" ? toAll("urn:uuid:shy", "")(h) : [answer("Resolve", h.id, "urn:uuid:shy", XADDR)],
  );
  await device("127.18.11.5", (h) =>
    h.kind === "Resolve" ? [answer("Resolve", h.id, "urn:uuid:shy", "<d:XAddrs>http://127.18.11.5/</d:XAddrs>")] : [],
  );
  const { found } = await search();
  expect(at(found, "127.18.11.4")?.posture.targets).toMatchObject([
    { endpoint: "urn:uuid:shy", xAddrs: ["http://127.18.11.1/onvif/device_service"] },
  ]);
  expect(at(found, "127.18.11.5")).toBeUndefined();
  expect(shy.asked.filter((h) => h.kind === "Resolve")).toHaveLength(1);
});

test("who answers the newer version of the protocol alone is asked for its address in that", async () => {
  const newer = await device("127.18.11.9", (h) => {
    if (h.version !== "2009") return [];
    return [h.kind === "Probe" ? answer("Probe", h.id, "urn:uuid:new") : answer("Resolve", h.id, "urn:uuid:new", XADDR)];
  });
  expect(at((await search()).found, "127.18.11.9")?.posture.targets).toMatchObject([
    { endpoint: "urn:uuid:new", xAddrs: [expect.any(String)] },
  ]);
  expect(newer.asked.filter((h) => h.kind === "Resolve").map((h) => h.version)).toEqual(["2009"]);
});

test("a search by unicast asks one host", async () => {
  const voice = await device("127.18.11.6", toAll("urn:uuid:u"));
  const { found } = await wsdProbe.runMany(
    { address: voice.address, port: WSD.port },
    wsdProbe.options.parse({ listenMs: 400 }),
    context(),
  );
  expect(found.map((f) => f.posture.targets.map((t) => t.endpoint))).toEqual([["urn:uuid:u"]]);
});

test("a device with targets without end is cut, in what it says and in what is asked of it", async () => {
  const voice = await device("127.18.11.7", (h) =>
    h.kind === "Probe" && h.types === "" ? Array.from({ length: 100 }, (_, i) => answer("Probe", h.id, `urn:uuid:${i}`)) : [],
  );
  expect(at((await search(1_000)).found, "127.18.11.7")?.posture.targets.length).toBe(32);
  expect(voice.asked.filter((h) => h.kind === "Resolve").length).toBeLessThanOrEqual(16);
});

test("the deadline ends a search with what was heard", async () => {
  await device("127.18.11.8", toAll("urn:uuid:d"));
  const started = performance.now();
  const { found } = await search(5_000, context(900));
  expect(performance.now() - started).toBeLessThan(2000);
  expect(at(found, "127.18.11.8")).toBeDefined();
});

test("out-of-scope: another interface, another host", async () => {
  const run = (via: string | undefined, address: string) =>
    wsdProbe.runMany({ address, port: WSD.port }, { listenMs: 200, ...(via ? { via } : {}) }, context());
  expect(await run("192.0.2.1", WSD.address)).toMatchObject({ found: [], fault: { code: "out-of-scope" } });
  expect(await run(undefined, "127.18.99.9")).toMatchObject({ found: [], fault: { code: "out-of-scope" } });
});

test.each(["budget", "resource", "unreachable"] as const)("%s is told, not thrown", async (code) => {
  const dial = fakeDial({
    udp: () => {
      throw new DialError(fault("request", code));
    },
  });
  const reading = await wsdProbe.runMany({ address: "192.0.2.1", port: WSD.port }, { listenMs: 200 }, { ...context(), dial });
  expect(reading).toMatchObject({ found: [], fault: { code } });
});
