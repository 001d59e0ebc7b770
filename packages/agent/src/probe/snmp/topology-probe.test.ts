import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { SnmpTopologyPostureSchema } from "@vedette/proto";
import { afterEach, describe, expect, test } from "vitest";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { fakeDial } from "../../net/fake-dial.ts";
import { element, requestIdOf, response, TAG } from "../../testing/ber.ts";
import { CORPUS, hasCorpus, recording } from "../../testing/corpus.ts";
import { contextFor } from "../../testing/hostile.ts";
import { parseRecording } from "../../testing/snmp-agent.ts";
import { type Replay, replayRecording } from "../../testing/snmp-replay.ts";
import type { FaultCode } from "../probe.ts";
import { snmpTopology } from "./topology-probe.ts";

const open: Replay[] = [];
afterEach(() => {
  for (const o of open.splice(0)) o.close();
});

const run = (at: { address: string; port: number }, deadlineMs = 15_000, answerMs = 2_000) =>
  snmpTopology.run(
    { address: at.address, port: at.port },
    snmpTopology.options.parse({ answerMs }),
    contextFor("127.18.13.0/24", deadlineMs),
  );

async function replay(text: string, address: string, silentAfter?: number): Promise<Replay> {
  const agent = await replayRecording(parseRecording(text), address, silentAfter);
  open.push(agent);
  return agent;
}

const SWITCH = [
  "1.3.6.1.2.1.1.1.0|4|a switch",
  "1.3.6.1.2.1.2.2.1.2.101|4|port one",
  "1.3.6.1.2.1.2.2.1.8.101|2|1",
  "1.3.6.1.2.1.4.1.0|2|1",
  "1.3.6.1.2.1.4.22.1.2.101.198.18.0.5|4x|00408C000001",
  "1.3.6.1.2.1.4.22.1.4.101.198.18.0.5|2|3",
  "1.3.6.1.2.1.17.1.4.1.2.1|2|101",
  "1.3.6.1.2.1.17.4.3.1.2.0.64.140.0.0.1|2|1",
  "1.3.6.1.2.1.17.4.3.1.3.0.64.140.0.0.1|2|3",
  "1.0.8802.1.1.1.1.2.1.1.5.101|2|1",
  "1.0.8802.1.1.1.1.2.1.1.6.101|2|2",
  "1.0.8802.1.1.2.1.3.7.1.2.1|2|5",
  "1.0.8802.1.1.2.1.3.7.1.3.1|4|Gi0/12",
  "1.0.8802.1.1.2.1.4.1.1.4.0.1.1|2|4",
  "1.0.8802.1.1.2.1.4.1.1.5.0.1.1|4x|00408C000001",
  "1.0.8802.1.1.2.1.4.1.1.9.0.1.1|4|axis",
].join("\n");

test("one switch: its ports, who is behind them, and whether 802.1X let them in", async () => {
  const reading = await run(await replay(SWITCH, "127.18.13.1"));
  expect(reading.fault).toBeUndefined();
  expect(reading).toMatchObject({
    outcome: "identified",
    result: {
      posture: {
        ports: [{ ifIndex: 101, name: "port one", operStatus: 1, bridgePort: 1, controlledPortStatus: 1, controlledPortControl: 2 }],
        neighbours: [{ localPort: 1, localPortId: "Gi0/12", chassisId: "00:40:8c:00:00:01", systemName: "axis" }],
        forwarding: [{ database: 0, linkAddress: "00:40:8c:00:00:01", bridgePort: 1 }],
        bindings: [{ ifIndex: 101, address: "198.18.0.5", linkAddress: "00:40:8c:00:00:01" }],
        incomplete: [],
      },
    },
  });
});

test("an agent with interfaces alone has nothing to tell, in few questions", async () => {
  const agent = await replay(SWITCH.split("\n").slice(0, 3).join("\n"), "127.18.13.2");
  expect(await run(agent)).toMatchObject({ outcome: "not-identified", fault: { code: "rejected" } });
  expect(agent.asked()).toBe(5);
});

test("what a mere host remembers of its neighbours is not asked for", async () => {
  const host = SWITCH.replace("1.3.6.1.2.1.4.1.0|2|1", "1.3.6.1.2.1.4.1.0|2|2");
  expect(await run(await replay(host, "127.18.13.7"))).toMatchObject({ result: { posture: { bindings: [], incomplete: [] } } });
});

test("texts without measure are cut to what an observation holds, and the tables that lost rows are named", async () => {
  const long = "\u5317".repeat(80);
  const neighbours = Array.from({ length: 256 }, (_, i) =>
    ["5", "7", "8", "9", "10"].map((column) => `1.0.8802.1.1.2.1.4.1.1.${column}.0.${i + 1}.1|4x|${Buffer.from(long).toString("hex")}`),
  ).flat();
  const reading = await run(await replay([SWITCH, ...neighbours].join("\n"), "127.18.13.8"), 30_000);
  if (reading.outcome !== "identified") throw new Error(`not identified: ${reading.fault.message}`);
  const { posture } = reading.result;
  expect(toBinary(SnmpTopologyPostureSchema, posture).length).toBeLessThanOrEqual(224 * 1024);
  expect(posture.neighbours.length).toBeGreaterThan(50);
  expect(posture.incomplete).toEqual(["address", "forwarding", "lldp"]);
});

test("a table without end is cut and says so; the others are whole", async () => {
  const many = Array.from({ length: 3_000 }, (_, i) => `1.3.6.1.2.1.17.4.3.1.2.0.64.140.0.${i >> 8}.${i & 255}|2|1`);
  const reading = await run(await replay([SWITCH, ...many].join("\n"), "127.18.13.3"));
  expect(reading).toMatchObject({ outcome: "identified", fault: { code: "too-large" } });
  if (reading.outcome !== "identified") return;
  expect(reading.result.posture.forwarding.length).toBe(2_048);
  expect(reading.result.posture.incomplete).toEqual(["forwarding"]);
});

test("what was told before an agent fell silent stands, and the rest is not known to be absent", async () => {
  const reading = await run(await replay(SWITCH, "127.18.13.4", 2), 3_000, 200);
  expect(reading).toMatchObject({ outcome: "identified", fault: { code: "timeout" } });
  if (reading.outcome !== "identified") return;
  expect(reading.result.posture.incomplete).toContain("forwarding");
  expect(reading.result.posture.incomplete).toContain("lldp");
});

test("silence says nothing of the port; an agent that answers the same for ever ends", async () => {
  expect(await run(await replay("", "127.18.13.5", 0), 3_000, 100)).toMatchObject({ outcome: "undetermined", fault: { code: "timeout" } });
  const row: [string, Uint8Array] = ["1.3.6.1.2.1.17.1.4.1.2.1", element(TAG.integer, Uint8Array.of(7))];
  const cx = contextFor("192.0.2.1", 3_000);
  const dial = fakeDial(
    { udp: (bytes, port, address) => [{ address, port, bytes: response(requestIdOf(Buffer.from(bytes)), 0, [row]) }] },
    cx.signal,
  );
  const reading = await snmpTopology.run({ address: "192.0.2.1", port: 161 }, { community: "public", answerMs: 500 }, { ...cx, dial });
  expect(reading.fault?.code).not.toBe("bug");
  expect(dial.written.length).toBeLessThan(20);
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
  expect(await snmpTopology.run({ address: "192.0.2.1", port: 161 }, snmpTopology.options.parse({}), cx)).toMatchObject({
    outcome,
    fault: { code },
  });
});

test("another community is no option", () => {
  expect(snmpTopology.options.safeParse({ community: "private" }).success).toBe(false);
});

interface Link {
  readonly protocol: string;
  readonly remote_hostname: string;
}

describe.skipIf(!hasCorpus)("recorded switches", () => {
  const SWITCHES = [
    "arubaos-cx_10.10",
    "dell-sonic",
    "dlink_dgs-1510-28",
    "edgeswitch_us-8-v2",
    "procurve",
    "procurve_e2910",
    "routeros",
    "jetstream_vlans",
  ];

  test.each(SWITCHES)("%s: every recorded LLDP neighbour, forwarding entry and binding is read", async (name) => {
    const rows = parseRecording(recording(`snmp/snmprec/${name}.snmprec`).toString("latin1"));
    const agent = await replayRecording(rows, "127.18.13.6");
    open.push(agent);
    const reading = await run(agent);
    if (reading.outcome !== "identified") throw new Error(`not identified: ${reading.fault.message}`);
    const { neighbours, forwarding, bindings, incomplete } = reading.result.posture;
    expect(incomplete).toEqual([]);
    const count = (column: string) => [...rows.keys()].filter((oid) => oid.startsWith(`${column}.`)).length;
    expect(neighbours.length).toBe(count("1.0.8802.1.1.2.1.4.1.1.5"));
    expect(bindings.length).toBeLessThanOrEqual(count("1.3.6.1.2.1.4.22.1.2"));
    expect(forwarding.length).toBeLessThanOrEqual(Math.max(count("1.3.6.1.2.1.17.7.1.2.2.1.2"), count("1.3.6.1.2.1.17.4.3.1.2")));
    const expected = JSON.parse(readFileSync(join(CORPUS, `snmp/expected/${name}.json`), "utf8")) as {
      "discovery-protocols"?: { discovery: { links: readonly Link[] } };
    };
    for (const link of expected["discovery-protocols"]?.discovery.links ?? [])
      if (link.protocol === "lldp" && !link.remote_hostname.includes("private"))
        // Who has no name is called by its description there.
        expect(neighbours.map((n) => n.systemName || n.systemDescription)).toContain(link.remote_hostname);
  });
});
