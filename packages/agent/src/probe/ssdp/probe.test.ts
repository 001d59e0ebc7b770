import { afterEach, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { SSDP } from "../../net/multicast.ts";
import { contextFor } from "../../testing/hostile.ts";
import { speaker } from "../../testing/multicast.ts";
import { ssdpNotify } from "./notify.ts";
import { ssdpSearch } from "./search.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
const VIA = "127.18.7.200";
const context = (deadlineMs = 5000) => contextFor("127.18.7.0/24", deadlineMs, VIA);
const target = { address: "239.255.255.250", port: 1900 };
const answer = (usn: string, more = "") =>
  `HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: ${usn}\r\nLOCATION: http://127.18.7.1/d\r\n${more}\r\n`;

async function device(address: string, answers: readonly string[]) {
  const voice = await speaker(address, SSDP, (bytes, from) => {
    if (bytes.toString().startsWith("M-SEARCH")) for (const a of answers) voice.tell(a, from);
  });
  ends.push(() => voice.close());
  return voice;
}

test("a search by multicast finds hosts by sender, sorts their services and drops strangers", async () => {
  await device("127.18.7.1", [answer("uuid:b", "BOOTID.UPNP.ORG: 5\r\n"), answer("uuid:a"), "HTTP/1.1 200 OK\r\n\r\n", "rubbish"]);
  await device("127.18.7.2", [answer("uuid:c")]);
  await device("127.18.99.1", [answer("uuid:stranger")]);
  const cx = context();
  const { found, fault: why } = await ssdpSearch.runMany(target, ssdpSearch.options.parse({ via: VIA, mx: 1 }), cx);
  expect(why).toBeUndefined();
  const mine = found.filter((f) => f.subject?.kind === "host" && ["127.18.7.1", "127.18.7.2"].includes(f.subject.address));
  expect(mine.map((f) => [f.subject, f.posture.services.map((s) => s.usn), f.volatile.bootId])).toEqual(
    expect.arrayContaining([
      [{ kind: "host", address: "127.18.7.1" }, ["uuid:a", "uuid:b"], 5],
      [{ kind: "host", address: "127.18.7.2" }, ["uuid:c"], undefined],
    ]),
  );
  expect(found.some((f) => f.subject?.kind === "host" && f.subject.address === "127.18.99.1")).toBe(false);
  expect(cx.dial.dropped.outOfScope).toBeGreaterThan(0);
});

test("a search by unicast asks one host", async () => {
  const voice = await device("127.18.7.3", [answer("uuid:u")]);
  const { found } = await ssdpSearch.runMany({ address: voice.address, port: 1900 }, ssdpSearch.options.parse({ mx: 1 }), context());
  expect(found.map((f) => f.posture.services.map((s) => s.usn))).toEqual([["uuid:u"]]);
});

test("a device that never ends answering is cut", async () => {
  await device(
    "127.18.7.4",
    Array.from({ length: 400 }, (_, i) => answer(`uuid:${i}`)),
  );
  const { found } = await ssdpSearch.runMany({ address: "127.18.7.4", port: 1900 }, ssdpSearch.options.parse({ mx: 1 }), context());
  expect(found[0]?.posture.services.length).toBe(128);
});

test("the deadline ends a search with what was heard", async () => {
  await device("127.18.7.5", [answer("uuid:d")]);
  const started = performance.now();
  const { found } = await ssdpSearch.runMany({ address: "127.18.7.5", port: 1900 }, ssdpSearch.options.parse({ mx: 5 }), context(700));
  expect(performance.now() - started).toBeLessThan(2000);
  expect(found).toHaveLength(1);
});

test("out-of-scope: another interface, another host", async () => {
  const run = (via: string | undefined, address: string) =>
    ssdpSearch.runMany({ address, port: 1900 }, { mx: 1, ...(via ? { via } : {}) }, context());
  expect(await run("192.0.2.1", "239.255.255.250")).toMatchObject({ found: [], fault: { code: "out-of-scope" } });
  expect(await run(undefined, "127.18.99.9")).toMatchObject({ found: [], fault: { code: "out-of-scope" } });
});

test.each(["budget", "resource", "unreachable"] as const)("%s is told, not thrown", async (code) => {
  const dial = fakeDial({
    udp: () => {
      throw new DialError(fault("request", code));
    },
  });
  const reading = await ssdpSearch.runMany({ address: "192.0.2.1", port: 1900 }, { mx: 1 }, { ...context(), dial });
  expect(reading).toMatchObject({ found: [], fault: { code } });
});

test("listening yields what devices announce, and sends nothing", async () => {
  const voice = await device("127.18.7.6", []);
  const cx = context();
  const reading = ssdpNotify.runMany(target, ssdpNotify.options.parse({ via: VIA, listenMs: 500 }), cx);
  await new Promise((r) => setTimeout(r, 100));
  await voice.say(
    "NOTIFY * HTTP/1.1\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\nUSN: uuid:n\r\nCACHE-CONTROL: max-age=60\r\nBOOTID.UPNP.ORG: 3\r\n\r\n",
  );
  await voice.say("NOTIFY * HTTP/1.1\r\nNTS: nonsense\r\nUSN: uuid:x\r\n\r\n");
  const { found } = await reading;
  const mine = found.filter((f) => f.subject?.kind === "host" && f.subject.address === "127.18.7.6");
  expect(mine).toMatchObject([{ posture: { kind: "ssdp:alive", usn: "uuid:n" }, volatile: { bootId: 3, maxAgeS: 60 } }]);
  expect(cx.dial.spent.bytesOut).toBe(0);
});
