/** wsd.probe: a Probe by multicast on one interface, or by unicast to one host, and a Resolve where an answer names no address; what answers, by sender. */
import { randomUUID } from "node:crypto";
import { create } from "@bufbuild/protobuf";
import { WsdProbePostureSchema, WsdProbeVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { classify } from "../../classify.ts";
import { collect } from "../../net/collect.ts";
import { type DatagramSocket, DialError } from "../../net/dial.ts";
import { WSD, WSD_V6 } from "../../net/multicast.ts";
import { WireError } from "../../net/wire-error.ts";
import type { Found, ManyProbe } from "../probe.ts";
import { type Dialect, merged, parseMessage, probeText, resolveText, SEARCHES, type WsdMessage, type WsdTarget } from "./wire.ts";

const Options = z.strictObject({
  /** Own address of the interface in scope to search by; absent: unicast to the target. */
  via: z.string().optional(),
  /** How long answers are waited for after the last Probe, ms; devices spread them over half a second. */
  listenMs: z.int().min(100).max(5_000).default(2_500),
});
export type WsdProbeOptions = z.infer<typeof Options>;

const MAX_SENDERS = 1_024;
const MAX_TARGETS = 32;
const MAX_RESOLVES = 16;
/** SOAP-over-UDP 3: no envelope is larger. */
export const MAX_MESSAGE = 32_767;
/** UDP loses: SOAP-over-UDP has a multicast sent again, with the same MessageID. */
const TIMES = 2;
const APART_MS = 250;

interface Heard {
  readonly targets: Map<string, WsdTarget>;
  instanceId: number | undefined;
  readonly first: Uint8Array;
}

export const wsdProbe: ManyProbe<"wsd.probe", WsdProbeOptions> = {
  id: "wsd.probe",
  version: 1,
  transport: "udp",
  port: WSD.port,
  tier: "polite",
  deadlineMs: 10_000,
  options: Options,
  async runMany(target, { via, listenMs }, cx) {
    const heard = new Map<string, Heard>();
    try {
      const socket = await cx.dial.udp({ ...(via === undefined ? {} : { interfaceAddress: via }), maxDatagramBytes: MAX_MESSAGE });
      const group = via?.includes(":") ? WSD_V6 : WSD;
      const asking = new Asking(socket, via === undefined ? { address: target.address, port: target.port } : group);
      for (let n = 0; n < TIMES; n++) {
        if (n > 0) await cx.clock.sleep(APART_MS, cx.signal);
        await asking.probe();
      }
      for await (const { address, bytes } of collect(socket, cx.clock, listenMs, cx.signal)) {
        if (via === undefined && address !== target.address) continue;
        const message = messageIn(bytes);
        const dialect = message && asking.dialectOf(message.relatesTo);
        if (dialect) await asking.resolve(keep(heard, address, message, bytes), dialect);
      }
      return { found: foundIn(heard) };
    } catch (error) {
      if (!(error instanceof DialError) && !cx.signal.aborted) throw error;
      return { found: foundIn(heard), fault: classify(error, "response") };
    }
  },
};

/** What was asked, so that nothing counts as an answer that answers nothing: a sender who cannot hear us cannot name our message. */
class Asking {
  readonly #socket: DatagramSocket;
  readonly #to: { readonly address: string; readonly port: number };
  readonly #probes = SEARCHES.map((search) => ({ uuid: randomUUID(), search }));
  readonly #asked = new Map<string, Dialect>(this.#probes.map(({ uuid, search }) => [uuid, search.dialect]));
  readonly #resolved = new Set<string>();

  constructor(socket: DatagramSocket, to: { readonly address: string; readonly port: number }) {
    this.#socket = socket;
    this.#to = to;
  }

  async probe(): Promise<void> {
    for (const { uuid, search } of this.#probes) await this.#send(probeText(search, uuid));
  }

  async resolve(endpoints: readonly string[], dialect: Dialect): Promise<void> {
    for (const endpoint of endpoints) {
      if (this.#resolved.has(endpoint) || this.#resolved.size >= MAX_RESOLVES) continue;
      this.#resolved.add(endpoint);
      const uuid = randomUUID();
      this.#asked.set(uuid, dialect);
      await this.#send(resolveText(dialect, endpoint, uuid));
    }
  }

  /** Of the question that it names, undefined where it is none of ours. Devices write "uuid:" and "urn:uuid:" before its id, in either case. */
  dialectOf(relatesTo: string): Dialect | undefined {
    return this.#asked.get(relatesTo.toLowerCase().slice(-36));
  }

  #send(text: string): Promise<void> {
    return this.#socket.send(Buffer.from(text), this.#to.port, this.#to.address);
  }
}

/** undefined for everything else that is said there, broken or not: one device's broken answer does not cost the others theirs. */
export function messageIn(bytes: Uint8Array): WsdMessage | undefined {
  try {
    return parseMessage(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** @returns endpoints whose address is still to be asked for */
function keep(heard: Map<string, Heard>, address: string, message: WsdMessage, bytes: Uint8Array): string[] {
  const { kind, targets, instanceId } = message;
  const known = heard.get(address);
  // Nobody is a new device by an answer to a Resolve: it went to one that had answered.
  if (targets.length === 0 || (kind !== "probe-match" && !(kind === "resolve-match" && known))) return [];
  const sender = known ?? (heard.size < MAX_SENDERS ? { targets: new Map(), instanceId, first: bytes } : undefined);
  if (!sender) return [];
  heard.set(address, sender);
  sender.instanceId ??= instanceId;
  for (const target of targets) {
    const before = sender.targets.get(target.endpoint);
    if (before) sender.targets.set(target.endpoint, merged(before, target));
    else if (kind === "probe-match" && sender.targets.size < MAX_TARGETS) sender.targets.set(target.endpoint, target);
  }
  return targets.flatMap(({ endpoint }) => (sender.targets.get(endpoint)?.xAddrs.length === 0 ? [endpoint] : []));
}

function foundIn(heard: ReadonlyMap<string, Heard>): Found<"wsd.probe">[] {
  return [...heard].map(([address, { targets, instanceId, first }]) => {
    const sorted = [...targets.values()].sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1));
    return {
      subject: { kind: "host", address },
      posture: create(WsdProbePostureSchema, {
        targets: sorted.map(({ endpoint, types, scopes, xAddrs }) => ({
          endpoint,
          types: [...types],
          scopes: [...scopes],
          xAddrs: [...xAddrs],
        })),
      }),
      volatile: create(WsdProbeVolatileSchema, {
        metadataVersions: sorted.map((t) => t.metadataVersion ?? 0),
        ...(instanceId === undefined ? {} : { instanceId }),
      }),
      evidence: [{ label: "answer", bytes: first }],
    };
  });
}
