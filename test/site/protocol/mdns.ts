/// <reference path="../types/multicast-dns.d.ts" />
/**
 * DNS-SD of the device side on multicast-dns. Its sibling bonjour-service cannot be used to publish here: it announces
 * the addresses of the host's real interfaces, not the persona's. RFC 6762, 6.7 and 10.1; RFC 6763, 4-6
 */
import multicastDns from "multicast-dns";
import type { MdnsForm } from "../form.ts";
import { udpTaken } from "../listener.ts";

const PORT = 5353;
const GROUP = "224.0.0.251";
const LEGACY_TTL_S = 10;

export interface Heard {
  readonly id: number;
  readonly questions: readonly multicastDns.Question[];
  readonly peer: multicastDns.Peer;
}

/** Records of a device. @param ttlScale 0 makes them a goodbye. */
export function records(form: MdnsForm, address: string, portOf: (truePort: number) => number, ttlScale = 1): multicastDns.Record[] {
  const host = `${form.hostName}.local`;
  const made: multicastDns.Record[] = [{ name: host, type: "A", ttl: 120 * ttlScale, flush: true, data: address }];
  for (const service of form.services) {
    const type = `${service.type}.local`;
    const instance = `${service.instance}.${type}`;
    made.push(
      { name: "_services._dns-sd._udp.local", type: "PTR", ttl: 4_500 * ttlScale, data: type },
      { name: type, type: "PTR", ttl: 4_500 * ttlScale, data: instance },
      { name: instance, type: "SRV", ttl: 120 * ttlScale, flush: true, data: { port: portOf(service.port), target: host } },
      { name: instance, type: "TXT", ttl: 4_500 * ttlScale, flush: true, data: service.txt.map((entry) => Buffer.from(entry)) },
    );
  }
  return made;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Answers to the questions and, beside them, what a browser would ask next. */
export function respond(all: readonly multicastDns.Record[], questions: readonly multicastDns.Question[]) {
  const asked = (record: multicastDns.Record) =>
    questions.some(({ name, type }) => same(name, record.name) && (type === "ANY" || type === record.type));
  const answers = all.filter(asked);
  const next = answers.flatMap((record) => (record.type === "PTR" ? [record.data] : []));
  const beside = all.filter((record) => next.some((name) => same(name, record.name)) || record.type === "A");
  return { answers, additionals: answers.length === 0 ? [] : beside.filter((record) => !answers.includes(record)) };
}

function ready(instance: multicastDns.Instance, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    instance.once("ready", () => resolve());
    instance.once("error", (cause: Error) => reject(udpTaken(address, PORT, cause)));
  });
}

export interface MdnsReceiver {
  close(): Promise<void>;
}

/** Hears multicast questions for every persona of the site. */
export async function openMdnsReceiver(interfaceAddress: string, heard: (query: Heard) => void): Promise<MdnsReceiver> {
  const instance = multicastDns({ bind: GROUP, interface: interfaceAddress, port: PORT });
  instance.on("query", (packet: multicastDns.Packet, peer: multicastDns.Peer) => {
    heard({ id: packet.id ?? 0, questions: packet.questions, peer });
  });
  await ready(instance, GROUP);
  return { close: () => new Promise((resolve) => instance.destroy(() => resolve())) };
}

export interface MdnsVoice {
  answer(query: Heard): void;
  announce(): Promise<void>;
  goodbye(): Promise<void>;
  close(): Promise<void>;
}

/** Speaks from the persona's own address and hears questions sent to it by unicast. */
export async function openMdnsVoice(form: MdnsForm, address: string, portOf: (truePort: number) => number): Promise<MdnsVoice> {
  const instance = multicastDns({ bind: address, interface: address, port: PORT });
  await ready(instance, address);
  const say = (answers: readonly multicastDns.Record[]) =>
    new Promise<void>((resolve) => instance.respond({ answers }, null, () => resolve()));
  const answer = (query: Heard) => {
    const legacy = query.peer.port !== PORT;
    const { answers, additionals } = respond(records(form, address, portOf), query.questions);
    if (answers.length === 0) return;
    if (!legacy) return instance.respond({ answers, additionals });
    // A one-shot resolver: its own id and question back, by unicast, short TTL, no cache-flush bit.
    const short = (record: multicastDns.Record) =>
      ({ ...record, ttl: Math.min(record.ttl, LEGACY_TTL_S), flush: false }) as multicastDns.Record;
    const reply = { id: query.id, questions: [...query.questions], answers: answers.map(short), additionals: additionals.map(short) };
    instance.respond(reply, query.peer);
  };
  instance.on("query", (packet: multicastDns.Packet, peer: multicastDns.Peer) =>
    answer({ id: packet.id ?? 0, questions: packet.questions, peer }),
  );
  return {
    answer,
    announce: () => say(records(form, address, portOf)),
    goodbye: () => say(records(form, address, portOf, 0)),
    close: () => new Promise((resolve) => instance.destroy(() => resolve())),
  };
}
