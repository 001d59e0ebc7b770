import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { element, requestIdOf, response, TAG } from "../../testing/ber.ts";
import { hasCorpus, recording } from "../../testing/corpus.ts";
import { contextFor } from "../../testing/hostile.ts";
import { interfaceIndexes, octetsOf, parseRecording, serveRecording } from "../../testing/snmp-agent.ts";
import type { FaultCode } from "../probe.ts";
import { snmpSystem } from "./probe.ts";
import { SYSTEM } from "./wire.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function udp(
  address: string,
  onMessage: (bytes: Buffer, answer: (bytes: Uint8Array) => void) => void,
): Promise<{ address: string; port: number }> {
  const socket: Socket = createSocket("udp4").bind(0, address);
  await once(socket, "listening");
  socket.on("message", (bytes, from) => onMessage(bytes, (b) => socket.send(b, from.port, from.address)));
  ends.push(() => socket.close());
  return { address, port: socket.address().port };
}

async function freePort(address: string): Promise<number> {
  const socket = createSocket("udp4").bind(0, address);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}

const run = (target: { address: string; port: number }, deadlineMs = 3000) =>
  snmpSystem.run({ ...target }, snmpSystem.options.parse({ answerMs: 400 }), contextFor("127.18.5.0/24", deadlineMs));

/** The tag of the PDU stands behind the community. */
function isGet(request: Buffer): boolean {
  return request[request.indexOf("public") + 6] === 0xa0;
}

/** The seven variables asked for, each with the same text. */
function systemOf(text: string): [string, Uint8Array][] {
  return Object.values(SYSTEM).map((o) => [o, element(TAG.octets, Buffer.from(text))]);
}

describe.skipIf(!hasCorpus)("recorded devices, served by net-snmp's agent", () => {
  test.each(["axiscam_p1375", "axiscam_d4200-ve", "dahua-nvr", "ciscosb", "ricoh_mpc3002"])("%s", async (name) => {
    const rows = parseRecording(recording(`snmp/snmprec/${name}.snmprec`).toString("utf8"));
    const agent = await serveRecording(rows, "127.18.5.1", await freePort("127.18.5.1"));
    ends.push(() => agent.close());
    const reading = await run({ address: "127.18.5.1", port: agent.port });
    if (reading.outcome !== "identified") throw new Error(reading.fault.message);
    const { posture, volatile } = reading.result;
    expect(reading.fault).toBeUndefined();
    expect(posture.description.replace(/\s+/g, " ")).toBe((rows.get("1.3.6.1.2.1.1.1.0")?.value ?? "").replace(/\s+/g, " ").trim());
    expect(posture.objectId).toBe(rows.get("1.3.6.1.2.1.1.2.0")?.value ?? "");
    expect(volatile.uptimeCs).toBe(Number(rows.get("1.3.6.1.2.1.1.3.0")?.value ?? 0));
    expect(posture.community).toBe("public");
    const indexes = interfaceIndexes(rows).slice(0, 64);
    expect(posture.interfaces.map((i) => i.index)).toEqual(indexes);
    for (const i of posture.interfaces) {
      const link = octetsOf(rows.get(`1.3.6.1.2.1.2.2.1.6.${i.index}`) ?? { type: "4", value: "" });
      if (typeof link !== "string") expect(i.physicalAddress.replaceAll(":", "")).toBe(link.toString("hex"));
    }
  });
});

test("reads the engine id", async () => {
  const rows = parseRecording("1.3.6.1.2.1.1.1.0|4|cam\n1.3.6.1.6.3.10.2.1.1.0|4x|80001f8880aabbccdd");
  const agent = await serveRecording(rows, "127.18.5.2", await freePort("127.18.5.2"));
  ends.push(() => agent.close());
  expect(await run({ address: "127.18.5.2", port: agent.port })).toMatchObject({ result: { posture: { engineId: "80001f8880aabbccdd" } } });
});

test("refused: the port is closed", async () => {
  const port = await freePort("127.18.5.3");
  expect(await run({ address: "127.18.5.3", port })).toMatchObject({ outcome: "unreachable", fault: { code: "refused" } });
});

test("timeout: nobody answers, within the answer's time", async () => {
  const silent = await udp("127.18.5.4", () => undefined);
  const started = performance.now();
  expect(await run(silent)).toMatchObject({ outcome: "unreachable", fault: { code: "timeout" } });
  expect(performance.now() - started).toBeLessThan(1500);
});

test("the deadline in the middle leaves it undetermined", async () => {
  const silent = await udp("127.18.5.4", () => undefined);
  expect(await run(silent, 100)).toMatchObject({ outcome: "undetermined", fault: { code: "timeout" } });
});

test("malformed: not SNMP", async () => {
  const echo = await udp("127.18.5.5", (_, answer) => answer(Buffer.from("HTTP/1.1 400\r\n\r\n")));
  expect(await run(echo)).toMatchObject({ outcome: "not-identified", fault: { code: "malformed" } });
});

test("too large a datagram is not read", async () => {
  const loud = await udp("127.18.5.6", (_, answer) => answer(Buffer.alloc(60_000)));
  expect(await run(loud)).toMatchObject({ outcome: "unreachable", fault: { code: "timeout" } });
});

test("rejected: an agent that refuses the list still speaks SNMP", async () => {
  const agent = await udp("127.18.5.7", (bytes, answer) => answer(response(requestIdOf(bytes), 2, [])));
  expect(await run(agent)).toMatchObject({
    outcome: "identified",
    fault: { code: "rejected" },
    result: { posture: { description: "", interfaces: [] } },
  });
});

test("an agent that answers with another id, or whose table never ends, holds nobody up", async () => {
  const stranger = await udp("127.18.5.8", (_, answer) => answer(response(Buffer.from([9, 9, 9]), 0, [])));
  expect(await run(stranger)).toMatchObject({ outcome: "unreachable", fault: { code: "timeout" } });
  let index = 0;
  const endless = await udp("127.18.5.9", (bytes, answer) => {
    const system = isGet(bytes);
    const rows = Array.from({ length: system ? 0 : 16 }, (): [string, Uint8Array] => [
      `1.3.6.1.2.1.2.2.1.2.${++index}`,
      element(TAG.octets, Buffer.from("e")),
    ]);
    answer(response(requestIdOf(bytes), 0, system ? systemOf("endless") : rows));
  });
  expect(await run(endless)).toMatchObject({
    outcome: "identified",
    fault: { code: "too-large" },
    result: { posture: { interfaces: { length: 64 } } },
  });
  const stuck = await udp("127.18.5.10", (bytes, answer) => {
    const rows: [string, Uint8Array][] = [["1.3.6.1.2.1.2.2.1.2.1", element(TAG.octets, Buffer.from("s"))]];
    answer(response(requestIdOf(bytes), 0, isGet(bytes) ? systemOf("stuck") : rows));
  });
  expect(await run(stuck)).toMatchObject({ outcome: "identified", result: { posture: { interfaces: { length: 1 } } } });
});

test.each<[FaultCode, string]>([
  ["unreachable", "unreachable"],
  ["out-of-scope", "undetermined"],
  ["budget", "undetermined"],
  ["resource", "undetermined"],
])("%s: %s", async (code, outcome) => {
  const dial = fakeDial({
    udp: () => {
      throw new DialError(fault("request", code));
    },
  });
  const cx = { ...contextFor("192.0.2.1", 1000), dial };
  expect(await snmpSystem.run({ address: "192.0.2.1", port: 161 }, snmpSystem.options.parse({}), cx)).toMatchObject({
    outcome,
    fault: { code },
  });
});

test("another community is no option", () => {
  expect(snmpSystem.options.safeParse({ community: "private" }).success).toBe(false);
});
