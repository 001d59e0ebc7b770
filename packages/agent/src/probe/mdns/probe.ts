/** mdns.browse: asks for service types, their instances and what is still missing; by multicast on one interface or by unicast to one host. */
import { create } from "@bufbuild/protobuf";
import { MdnsBrowsePostureSchema, MdnsBrowseVolatileSchema } from "@vedette/proto";
import { z } from "zod";
import { classify } from "../../classify.ts";
import { collect } from "../../net/collect.ts";
import { type DatagramSocket, DialError } from "../../net/dial.ts";
import { MDNS, MDNS_V6 } from "../../net/multicast.ts";
import { WireError } from "../../net/wire-error.ts";
import type { Found, ManyProbe, ProbeContext } from "../probe.ts";
import { RecordCache } from "./cache.ts";
import { type Asked, decodeAnswer, encodeQuery, isLabel, MAX_MESSAGE, type MdnsRecord } from "./wire.ts";

const Options = z.strictObject({
  /** Own address of the interface in scope to ask by; absent: unicast to the target. */
  via: z.string().optional(),
  /** Between the rounds of questions, and after the last. */
  roundMs: z.int().min(100).max(5_000).default(700),
});
export type MdnsBrowseOptions = z.infer<typeof Options>;

/** Types that cameras, recorders and their neighbours announce; asked for by name, since not all enumerate. */
const USUAL_TYPES = [
  "_rtsp._tcp",
  "_http._tcp",
  "_https._tcp",
  "_axis-video._tcp",
  "_psia._tcp",
  "_CGI._tcp",
  "_ssh._tcp",
  "_telnet._tcp",
  "_ftp._tcp",
  "_smb._tcp",
];

const ROUNDS = 3;
const MAX_SENDERS = 1024;
/** Questions of one message; keeps it within an Ethernet frame. */
const MAX_QUESTIONS = 16;

interface Heard {
  readonly cache: RecordCache;
  readonly first: Uint8Array;
}

export const mdnsBrowse: ManyProbe<"mdns.browse", MdnsBrowseOptions> = {
  id: "mdns.browse",
  version: 1,
  transport: "udp",
  port: 5353,
  tier: "polite",
  deadlineMs: 10_000,
  options: Options,
  async runMany(target, { via, roundMs }, cx) {
    const heard = new Map<string, Heard>();
    try {
      const socket = await cx.dial.udp({ ...(via === undefined ? {} : { interfaceAddress: via }), maxDatagramBytes: MAX_MESSAGE });
      const to = via === undefined ? { address: target.address, port: target.port } : via.includes(":") ? MDNS_V6 : MDNS;
      const asking = askInRounds(socket, to, heard, roundMs, cx);
      for await (const { address, bytes } of collect(socket, cx.clock, roundMs * ROUNDS, cx.signal)) {
        if (via === undefined && address !== target.address) continue;
        const records = recordsIn(bytes);
        const sender = heard.get(address) ?? (heard.size < MAX_SENDERS ? { cache: new RecordCache(), first: bytes } : undefined);
        if (!records || !sender) continue;
        heard.set(address, sender);
        sender.cache.add(records, cx.clock.monotonic());
      }
      const error = await asking;
      return { found: foundIn(heard), ...(error ? { fault: error.fault } : {}) };
    } catch (error) {
      if (!(error instanceof DialError)) throw error;
      return { found: foundIn(heard), fault: classify(error, "response") };
    }
  },
};

/** Sends while answers are read; returns what ended it early. */
async function askInRounds(
  socket: DatagramSocket,
  to: { address: string; port: number },
  heard: ReadonlyMap<string, Heard>,
  roundMs: number,
  cx: ProbeContext,
): Promise<DialError | undefined> {
  const asked = new Set<string>();
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const questions = (round === 0 ? firstQuestions() : followUps(heard)).filter((q) => !asked.has(keyOf(q)));
      for (const q of questions) asked.add(keyOf(q));
      for (let i = 0; i < questions.length; i += MAX_QUESTIONS) {
        await socket.send(encodeQuery(round + 1, questions.slice(i, i + MAX_QUESTIONS)), to.port, to.address);
      }
      if (round < ROUNDS - 1) await cx.clock.sleep(roundMs, cx.signal);
    }
    return undefined;
  } catch (error) {
    if (error instanceof DialError) {
      socket.close();
      return error;
    }
    if (cx.signal.aborted) return new DialError(classify(cx.signal.reason, "request"));
    throw error;
  }
}

function keyOf({ labels, type }: Asked): string {
  return `${type} ${labels.join(".").toLowerCase()}`;
}

function firstQuestions(): Asked[] {
  return [pointer("_services._dns-sd._udp"), ...USUAL_TYPES.map(pointer)];
}

function pointer(type: string): Asked {
  return { labels: [...type.split("."), "local"], type: "PTR" };
}

function followUps(heard: ReadonlyMap<string, Heard>): Asked[] {
  const questions: Asked[] = [];
  for (const { cache } of heard.values()) {
    questions.push(...cache.types().map(pointer));
    for (const { instance, type } of cache.incomplete()) {
      const labels = [instance, ...type.split("."), "local"];
      questions.push({ labels, type: "SRV" }, { labels, type: "TXT" });
    }
  }
  return questions.filter((q) => q.labels.every(isLabel)).slice(0, 256);
}

/** undefined for questions and for what is no DNS message: one broken sender does not cost the others theirs. */
export function recordsIn(bytes: Uint8Array): MdnsRecord[] | undefined {
  try {
    return decodeAnswer(bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

export function foundBy(address: string, cache: RecordCache, first: Uint8Array): Found<"mdns.browse"> {
  return {
    subject: { kind: "host", address },
    posture: create(MdnsBrowsePostureSchema, {
      services: cache.services().map((s) => ({ ...s, txt: [...s.txt] })),
      hostNames: cache.hostNames(address),
    }),
    volatile: create(MdnsBrowseVolatileSchema, { goodbyes: cache.goodbyes() }),
    evidence: [{ label: "message", bytes: first }],
  };
}

function foundIn(heard: ReadonlyMap<string, Heard>): Found<"mdns.browse">[] {
  return [...heard].map(([address, { cache, first }]) => foundBy(address, cache, first));
}
