import dnsPacket, { type Answer } from "dns-packet";
import { afterEach, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { MDNS } from "../../net/multicast.ts";
import { contextFor } from "../../testing/hostile.ts";
import { speaker } from "../../testing/multicast.ts";
import { mdnsBrowse } from "./probe.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
const VIA = "127.18.8.200";
const context = (deadlineMs = 5000) => contextFor("127.18.8.0/24", deadlineMs, VIA);
const target = { address: MDNS.address, port: MDNS.port };

/** Answers each question with the records of that name, by unicast, in a message of its own. */
async function device(address: string, records: readonly Answer[]) {
  const voice = await speaker(address, MDNS, (bytes, from) => {
    const query = dnsPacket.decode(bytes);
    if (query.type !== "query") return;
    for (const q of query.questions ?? []) {
      const answers = records.filter((r) => r.name.toLowerCase() === q.name.toLowerCase() && r.type === q.type);
      if (answers.length > 0) voice.tell(dnsPacket.encode({ type: "response", id: query.id ?? 0, flags: 0, answers: [...answers] }), from);
    }
  });
  ends.push(() => voice.close());
  return voice;
}

const camera = (address: string): Answer[] => [
  { name: "_services._dns-sd._udp.local", type: "PTR", ttl: 10, data: "_odd._tcp.local" },
  { name: "_odd._tcp.local", type: "PTR", ttl: 10, data: "Camera 7._odd._tcp.local" },
  { name: "Camera 7._odd._tcp.local", type: "SRV", ttl: 10, data: { port: 8554, target: "cam7.local" } },
  { name: "Camera 7._odd._tcp.local", type: "TXT", ttl: 10, data: ["macaddress=00:11", "a=1"] },
  { name: "cam7.local", type: "A", ttl: 10, data: address },
];

test("asks on until the instances are whole, by sender", async () => {
  await device("127.18.8.1", camera("127.18.8.1"));
  await device("127.18.99.1", camera("127.18.99.1"));
  const cx = context();
  const { found, fault: why } = await mdnsBrowse.runMany(target, mdnsBrowse.options.parse({ via: VIA, roundMs: 300 }), cx);
  expect(why).toBeUndefined();
  const mine = found.find((f) => f.subject?.kind === "host" && f.subject.address === "127.18.8.1");
  expect(mine?.posture.services).toMatchObject([
    { type: "_odd._tcp", instance: "Camera 7", port: 8554, target: "cam7.local", txt: ["a=1", "macaddress=00:11"] },
  ]);
  expect(found.some((f) => f.subject?.kind === "host" && f.subject.address === "127.18.99.1")).toBe(false);
});

test("asks one host by unicast", async () => {
  await device("127.18.8.2", camera("127.18.8.2"));
  const { found } = await mdnsBrowse.runMany({ address: "127.18.8.2", port: 5353 }, mdnsBrowse.options.parse({ roundMs: 300 }), context());
  expect(found.map((f) => f.posture.services.map((s) => s.instance))).toEqual([["Camera 7"]]);
});

test("rubbish from one host costs the others nothing", async () => {
  await device("127.18.8.3", camera("127.18.8.3"));
  const loud = await speaker("127.18.8.4", MDNS, (_, from) => {
    for (let i = 0; i < 50; i++) loud.tell(Buffer.alloc(2000, i), from);
  });
  ends.push(() => loud.close());
  const { found } = await mdnsBrowse.runMany(target, mdnsBrowse.options.parse({ via: VIA, roundMs: 300 }), context());
  expect(found.some((f) => f.subject?.kind === "host" && f.subject.address === "127.18.8.3")).toBe(true);
  expect(found.some((f) => f.subject?.kind === "host" && f.subject.address === "127.18.8.4")).toBe(false);
});

test("the deadline ends it with what was heard", async () => {
  await device("127.18.8.5", camera("127.18.8.5"));
  const started = performance.now();
  const { found } = await mdnsBrowse.runMany(
    { address: "127.18.8.5", port: 5353 },
    mdnsBrowse.options.parse({ roundMs: 2000 }),
    context(500),
  );
  expect(performance.now() - started).toBeLessThan(1500);
  expect(found).toHaveLength(1);
});

test("out-of-scope: another host", async () => {
  expect(await mdnsBrowse.runMany({ address: "127.18.99.9", port: 5353 }, { roundMs: 100 }, context())).toMatchObject({
    found: [],
    fault: { code: "out-of-scope" },
  });
});

test.each(["budget", "resource", "unreachable"] as const)("%s is told, not thrown", async (code) => {
  const dial = fakeDial({
    udp: () => {
      throw new DialError(fault("request", code));
    },
  });
  expect(await mdnsBrowse.runMany({ address: "192.0.2.1", port: 5353 }, { roundMs: 100 }, { ...context(), dial })).toMatchObject({
    found: [],
    fault: { code },
  });
});
