/** snmp.system: the system group, the interfaces' link addresses and the engine id, read with the community "public" by SNMPv2c. */
import { create } from "@bufbuild/protobuf";
import { SnmpSystemPostureSchema, SnmpSystemVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { failed, faultOf } from "../outcome.ts";
import type { Fault, Probe, ProbeContext, Target } from "../probe.ts";
import { SnmpTalk } from "./session.ts";
import { InterfaceWalk, readSystem, SYSTEM, type System } from "./wire.ts";

const Options = z.strictObject({
  /** Only "public" at the polite tier: any other is a credential. */
  community: z.literal("public").default("public"),
  /** How long one datagram's answer is waited for, ms. */
  answerMs: z.int().min(50).max(10_000).default(2_000),
});
export type SnmpSystemOptions = z.infer<typeof Options>;

const REPETITIONS = 16;
const MAX_INTERFACES = 64;
const MAX_ROUNDS = 10;
const MAX_DATAGRAM = 16 * 1024;

export const snmpSystem: Probe<"snmp.system", SnmpSystemOptions> = {
  id: "snmp.system",
  version: 1,
  transport: "udp",
  port: 161,
  tier: "polite",
  deadlineMs: 10_000,
  options: Options,
  async run(target, options, cx) {
    let talk: SnmpTalk | undefined;
    try {
      talk = await converse(target, options, cx);
      const { system, refused } = await readGroup(talk);
      const walk = new InterfaceWalk(MAX_INTERFACES);
      const why = refused ?? (await walkInterfaces(talk, walk));
      return { outcome: "identified", result: factsOf(system, walk, options.community), ...(why ? { fault: why } : {}) };
    } catch (error) {
      const reading = failed<"snmp.system">(error);
      // No answer at all to the first datagram: over UDP that is all that "not there" looks like.
      return reading.fault.code === "timeout" && !cx.signal.aborted ? { outcome: "unreachable", fault: reading.fault } : reading;
    } finally {
      talk?.close();
    }
  },
};

async function converse({ address, port }: Target, { community, answerMs }: SnmpSystemOptions, cx: ProbeContext): Promise<SnmpTalk> {
  const socket = await cx.dial.udp({ peer: { address, port }, maxDatagramBytes: MAX_DATAGRAM });
  return new SnmpTalk(socket, { address, port, community, answerMs }, (bytes) => cx.evidence("answer", bytes));
}

/** An agent that refuses the list still speaks SNMP under that community: that alone is a fact. */
async function readGroup(talk: SnmpTalk): Promise<{ system: System; refused?: Fault }> {
  try {
    return { system: readSystem(await talk.get(Object.values(SYSTEM))) };
  } catch (error) {
    if (!(error instanceof DialError) || error.fault.code !== "rejected") throw error;
    return { system: readSystem([]), refused: error.fault };
  }
}

/** Ends at the table's end, at our caps, or where an agent does not move on; returns what cut it short. */
async function walkInterfaces(talk: SnmpTalk, walk: InterfaceWalk): Promise<Fault | undefined> {
  try {
    for (let round = 0; round < MAX_ROUNDS && walk.next.length > 0; round++) {
      walk.take(await talk.getBulk(walk.next, REPETITIONS));
      if (walk.full) return fault("response", "too-large");
    }
    return undefined;
  } catch (error) {
    const why = faultOf(error);
    if (why.code === "bug") throw error;
    return why;
  }
}

function factsOf({ uptimeCs, ...system }: System, walk: InterfaceWalk, community: string) {
  const interfaces = [...walk.rows].sort(([a], [b]) => a - b).map(([index, row]) => ({ index, ...row }));
  return {
    posture: create(SnmpSystemPostureSchema, { ...system, interfaces, community, version: "v2c" }),
    volatile: create(SnmpSystemVolatileSchema, uptimeCs === undefined ? {} : { uptimeCs }),
  };
}
