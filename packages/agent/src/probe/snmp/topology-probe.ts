/** snmp.topology: the tables of a switch or router that say what hangs on which port, read with the community "public" by SNMPv2c. */
import { create, toBinary } from "@bufbuild/protobuf";
import { type SnmpTopologyPosture, SnmpTopologyPostureSchema, SnmpTopologyVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { fault } from "../../classify.ts";
import { DialError } from "../../net/dial.ts";
import { failed, faultOf } from "../outcome.ts";
import type { Fault, Probe } from "../probe.ts";
import { SnmpTalk } from "./session.ts";
import { TableWalk } from "./table.ts";
import {
  ADDRESS,
  BRIDGE,
  bindingsOf,
  FORWARDING,
  forwardingOf,
  INTERFACE,
  LLDP,
  LLDP_PORT,
  mayRoute,
  neighboursOf,
  PAE,
  PLAIN_FORWARDING,
  portsOf,
  ROUTER,
  type Rows,
  type Table,
  type TableName,
} from "./topology.ts";

const Options = z.strictObject({
  /** Only "public" at the polite tier: any other is a credential. */
  community: z.literal("public").default("public"),
  /** How long one datagram's answer is waited for, ms. */
  answerMs: z.int().min(50).max(10_000).default(2_000),
});
export type SnmpTopologyOptions = z.infer<typeof Options>;

/** Variables in one answer: what fits a datagram that is cut in few pieces. */
const VARIABLES = 60;
const MAX_ROUNDS = 120;
const MAX_DATAGRAM = 16 * 1024;
/** An observation holds 256 KiB, evidence included. */
const MAX_POSTURE = 224 * 1024;
const NONE: Rows = new Map();

export const snmpTopology: Probe<"snmp.topology", SnmpTopologyOptions> = {
  id: "snmp.topology",
  version: 1,
  transport: "udp",
  port: 161,
  tier: "polite",
  deadlineMs: 60_000,
  options: Options,
  async run({ address, port }, { community, answerMs }, cx) {
    let talk: SnmpTalk | undefined;
    try {
      const socket = await cx.dial.udp({ peer: { address, port }, maxDatagramBytes: MAX_DATAGRAM });
      talk = new SnmpTalk(socket, { address, port, community, answerMs }, (bytes) => cx.evidence("answer", bytes));
      const reader = new Reader(talk);
      const result = await readTopology(reader);
      // Other faults than a refusal come up before any table was told.
      if (!result) throw new DialError(reader.fault ?? fault("response", "rejected", "The agent serves none of the tables."));
      return { outcome: "identified", result, ...(reader.fault ? { fault: reader.fault } : {}) };
    } catch (error) {
      // Silence stays undetermined: whether an agent is there is what snmp.system asks, and one lost datagram must not count twice.
      return failed(error);
    } finally {
      talk?.close();
    }
  },
};

/** Reads table after table; what a table costs it is kept, and what breaks the conversation ends it. */
class Reader {
  readonly incomplete = new Set<TableName>();
  readonly #talk: SnmpTalk;
  #fault: Fault | undefined;
  #ended = false;

  constructor(talk: SnmpTalk) {
    this.#talk = talk;
  }

  /** The first thing that cut a table short. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  async rows({ name, columns, max }: Table): Promise<Rows> {
    const walk = new TableWalk(columns, max);
    if (this.#ended) this.incomplete.add(name);
    else await this.#walk(walk, name);
    return walk.rows;
  }

  async #walk(walk: TableWalk, name: TableName): Promise<void> {
    try {
      for (let round = 0; walk.next.length > 0; round++) {
        if (round < MAX_ROUNDS) walk.take(await this.#talk.getBulk(walk.next, Math.floor(VARIABLES / walk.next.length)));
        if (walk.full || round === MAX_ROUNDS) throw new DialError(fault("response", "too-large"));
      }
    } catch (error) {
      const why = faultOf(error);
      if (why.code === "bug") throw error;
      this.#fault ??= why;
      this.incomplete.add(name);
      // A refusal or a cap is of one table; silence and rubbish are of the agent.
      this.#ended = why.code !== "rejected" && why.code !== "too-large";
    }
  }
}

/** undefined where the agent serves none of the tables: most that speak SNMP have interfaces alone. */
async function readTopology(reader: Reader) {
  const [bridge, pae, lldp] = [await reader.rows(BRIDGE), await reader.rows(PAE), await reader.rows(LLDP)];
  const address = mayRoute(await reader.rows(ROUTER)) ? await reader.rows(ADDRESS) : NONE;
  if ([bridge, pae, lldp, address].every((rows) => rows.size === 0)) return undefined;
  const interfaces = bridge.size + pae.size > 0 ? await reader.rows(INTERFACE) : NONE;
  const local = lldp.size > 0 ? await reader.rows(LLDP_PORT) : NONE;
  const byVlan = bridge.size > 0 ? await reader.rows(FORWARDING) : NONE;
  const plain = bridge.size > 0 && byVlan.size === 0 ? await reader.rows(PLAIN_FORWARDING) : NONE;
  const posture = create(SnmpTopologyPostureSchema, {
    ports: portsOf(bridge, pae, interfaces),
    neighbours: neighboursOf(lldp, local),
    forwarding: forwardingOf(byVlan.size > 0 ? byVlan : plain),
    bindings: bindingsOf(address),
  });
  for (const name of fit(posture)) reader.incomplete.add(name);
  posture.incomplete = [...reader.incomplete].sort();
  return { posture, volatile: create(SnmpTopologyVolatileSchema, {}) };
}

/** Shortens lists until the facts fit an observation; only texts without measure bring it that far. @returns tables that lost rows */
function fit(posture: SnmpTopologyPosture): TableName[] {
  const { forwarding, bindings, neighbours, ports } = posture;
  const lists: [unknown[], TableName][] = [
    [forwarding, "forwarding"],
    [bindings, "address"],
    [neighbours, "lldp"],
    [ports, "bridge"],
  ];
  return lists.flatMap(([list, name]) => {
    const whole = list.length;
    while (list.length > 0 && toBinary(SnmpTopologyPostureSchema, posture).length > MAX_POSTURE) list.length >>= 1;
    return list.length < whole ? [name] : [];
  });
}
