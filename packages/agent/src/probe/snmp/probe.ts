/**
 * snmp.system: the system group, the interfaces' link addresses and the engine id, read with the community "public" by SNMPv2c.
 * Speaks through `Dial` with a codec of its own: a library's own socket would pass by the scope, the byte caps and the log.
 */
import { create } from "@bufbuild/protobuf";
import { SnmpSystemPostureSchema, SnmpSystemVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { fault } from "../../classify.ts";
import { type DatagramSocket, DialError } from "../../net/dial.ts";
import { clean, decodeText } from "../../net/text.ts";
import { failed, faultOf } from "../outcome.ts";
import type { Fault, Probe, ProbeContext, Target } from "../probe.ts";
import { type Binding, decodeResponse, encodeGet, encodeGetBulk, type Response, type Value } from "./wire.ts";

const Options = z.strictObject({
  /** Only "public" at the polite tier: any other is a credential. */
  community: z.literal("public").default("public"),
  /** How long one datagram's answer is waited for, ms. */
  answerMs: z.int().min(50).max(10_000).default(2_000),
});
export type SnmpSystemOptions = z.infer<typeof Options>;

const SYSTEM = {
  description: "1.3.6.1.2.1.1.1.0",
  objectId: "1.3.6.1.2.1.1.2.0",
  uptime: "1.3.6.1.2.1.1.3.0",
  contact: "1.3.6.1.2.1.1.4.0",
  name: "1.3.6.1.2.1.1.5.0",
  location: "1.3.6.1.2.1.1.6.0",
  engineId: "1.3.6.1.6.3.10.2.1.1.0",
};
const IF_DESCRIPTION = "1.3.6.1.2.1.2.2.1.2";
const IF_PHYSICAL_ADDRESS = "1.3.6.1.2.1.2.2.1.6";

const REPETITIONS = 16;
const MAX_INTERFACES = 64;
const MAX_ROUNDS = 10;

export const snmpSystem: Probe<"snmp.system", SnmpSystemOptions> = {
  id: "snmp.system",
  version: 1,
  transport: "udp",
  port: 161,
  tier: "polite",
  deadlineMs: 10_000,
  options: Options,
  async run(target, options, cx) {
    let socket: DatagramSocket | undefined;
    try {
      socket = await cx.dial.udp({ peer: { address: target.address, port: target.port }, maxDatagramBytes: 16_384 });
      const talk = new SnmpTalk(socket, target, options, cx);
      const system = await talk.ask((id) => encodeGet(options.community, id, Object.values(SYSTEM)), "system group");
      const { interfaces, why } = await readInterfaces(talk, options.community, system.errorStatus);
      const { posture, volatile } = factsOf(system, interfaces, options.community);
      return { outcome: "identified", result: { posture, volatile }, ...(why ? { fault: why } : {}) };
    } catch (error) {
      const reading = failed<"snmp.system">(error);
      // No answer at all to the first datagram: over UDP that is all that "not there" looks like.
      return reading.fault.code === "timeout" && !cx.signal.aborted ? { outcome: "unreachable", fault: reading.fault } : reading;
    } finally {
      socket?.close();
    }
  },
};

class SnmpTalk {
  readonly #socket: DatagramSocket;
  readonly #target: Target;
  readonly #answerMs: number;
  readonly #cx: ProbeContext;
  #requestId = 0;

  constructor(socket: DatagramSocket, target: Target, options: SnmpSystemOptions, cx: ProbeContext) {
    this.#socket = socket;
    this.#target = target;
    this.#answerMs = options.answerMs;
    this.#cx = cx;
  }

  /** Sends one message and waits for the response that bears its id. @throws DialError, WireError */
  async ask(message: (requestId: number) => Uint8Array, label: string): Promise<Response> {
    const id = ++this.#requestId;
    await this.#socket.send(message(id), this.#target.port, this.#target.address);
    const quiet = new AbortController();
    const timer = this.#cx.clock.sleep(this.#answerMs, AbortSignal.any([this.#cx.signal, quiet.signal])).then(
      () => null,
      () => null,
    );
    try {
      for (;;) {
        const datagram = await Promise.race([this.#socket.receive(), timer]);
        if (!datagram) throw new DialError(fault("response", "timeout"));
        const response = decodeResponse(datagram.bytes);
        // A late answer to an earlier question is not this one's.
        if (response.requestId !== id) continue;
        this.#cx.evidence(label, datagram.bytes);
        return response;
      }
    } finally {
      quiet.abort();
    }
  }
}

interface Interfaces {
  readonly interfaces: ReadonlyMap<number, { name: string; physicalAddress: string }>;
  readonly why?: Fault;
}

/** Walks the two columns side by side; ends at the table's end, at our caps, or where an agent does not move on. */
async function readInterfaces(talk: SnmpTalk, community: string, errorStatus: number): Promise<Interfaces> {
  const interfaces = new Map<number, { name: string; physicalAddress: string }>();
  if (errorStatus !== 0) return { interfaces, why: fault("response", "rejected") };
  let next = [IF_DESCRIPTION, IF_PHYSICAL_ADDRESS];
  try {
    for (let round = 0; round < MAX_ROUNDS && next.length > 0; round++) {
      const asked = next;
      const answer = await talk.ask((id) => encodeGetBulk(community, id, REPETITIONS, asked), "interfaces");
      if (answer.errorStatus !== 0) return { interfaces, why: fault("response", "rejected") };
      const before = new Map([IF_DESCRIPTION, IF_PHYSICAL_ADDRESS].map((c) => [c, asked.find((a) => under(c, a)) ?? ""]));
      const last = new Map<string, string>();
      for (const binding of answer.bindings) {
        const column = [IF_DESCRIPTION, IF_PHYSICAL_ADDRESS].find(
          (c) => before.get(c) !== "" && under(c, binding.oid) && binding.oid !== c,
        );
        const index = column === undefined ? Number.NaN : Number(binding.oid.slice(column.length + 1));
        if (column === undefined || !Number.isInteger(index) || binding.value.kind === "none") continue;
        last.set(column, binding.oid);
        if (!interfaces.has(index) && interfaces.size >= MAX_INTERFACES) return { interfaces, why: fault("response", "too-large") };
        keep(interfaces, index, column, binding);
      }
      next = [...last].filter(([column, at]) => indexOf(column, at) > indexOf(column, before.get(column) ?? "")).map(([, at]) => at);
    }
    return { interfaces };
  } catch (error) {
    const why = faultOf(error);
    if (why.code === "bug") throw error;
    return { interfaces, why };
  }
}

/** An index within a column; -1 for the column itself. */
function indexOf(column: string, at: string): number {
  return at.length > column.length ? Number(at.slice(column.length + 1)) : -1;
}

function under(column: string, at: string): boolean {
  return at === column || at.startsWith(`${column}.`);
}

function keep(interfaces: Map<number, { name: string; physicalAddress: string }>, index: number, column: string, { value }: Binding): void {
  const row = interfaces.get(index) ?? { name: "", physicalAddress: "" };
  if (column === IF_DESCRIPTION) row.name = textOf(value, 64);
  else if (value.kind === "octets" && value.bytes.length === 6)
    row.physicalAddress = Buffer.from(value.bytes)
      .toString("hex")
      .replace(/(..)(?!$)/g, "$1:");
  interfaces.set(index, row);
}

function factsOf(system: Response, interfaces: Interfaces["interfaces"], community: string) {
  const at = (oid: string): Value => system.bindings.find((b) => b.oid === oid)?.value ?? { kind: "none" };
  const [objectId, engine, uptime] = [at(SYSTEM.objectId), at(SYSTEM.engineId), at(SYSTEM.uptime)];
  return {
    posture: create(SnmpSystemPostureSchema, {
      description: textOf(at(SYSTEM.description), 255),
      objectId: objectId.kind === "oid" ? objectId.value : "",
      name: textOf(at(SYSTEM.name), 255),
      location: textOf(at(SYSTEM.location), 255),
      contact: textOf(at(SYSTEM.contact), 255),
      // RFC 3411: five to 32 octets.
      ...(engine.kind === "octets" && engine.bytes.length >= 5 && engine.bytes.length <= 32
        ? { engineId: Buffer.from(engine.bytes).toString("hex") }
        : {}),
      interfaces: [...interfaces].sort(([a], [b]) => a - b).map(([index, row]) => ({ index, ...row })),
      community,
      version: "v2c",
    }),
    volatile: create(SnmpSystemVolatileSchema, uptime.kind === "number" ? { uptimeCs: uptime.value } : {}),
  };
}

function textOf(value: Value, max: number): string {
  return value.kind === "octets" ? clean(decodeText(value.bytes), max) : "";
}
