/** An SNMP agent on loopback that answers GETBULK from a recording in snmprec form, whatever its tables: BER by hand, no code of the probe's library. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { element, oid, response, TAG } from "./ber.ts";
import type { parseRecording } from "./snmp-agent.ts";

const END_OF_MIB_VIEW = Uint8Array.of(0x82, 0);
/** What one answer carries at most; real agents keep to a datagram. */
const MAX_VARIABLES = 64;

export interface Replay {
  readonly address: string;
  readonly port: number;
  /** Requests answered so far. */
  asked(): number;
  close(): void;
}

interface Entry {
  readonly oid: string;
  readonly arcs: readonly number[];
  readonly value: Uint8Array;
}

/** @param silentAfter requests that are answered before it falls silent */
export async function replayRecording(
  rows: ReturnType<typeof parseRecording>,
  address: string,
  silentAfter = Number.POSITIVE_INFINITY,
): Promise<Replay> {
  const entries = [...rows]
    .map(([name, row]): Entry => ({ oid: name, arcs: name.split(".").map(Number), value: encoded(row) }))
    .sort((a, b) => compare(a.arcs, b.arcs));
  const socket = createSocket("udp4").bind(0, address);
  await once(socket, "listening");
  let asked = 0;
  socket.on("message", (bytes, from) => {
    if (asked >= silentAfter) return;
    asked++;
    const { requestId, repetitions, oids } = parseRequest(bytes);
    socket.send(response(requestId, 0, bulk(entries, oids, repetitions)), from.port, from.address);
  });
  return { address, port: socket.address().port, asked: () => asked, close: () => socket.close() };
}

function bulk(entries: readonly Entry[], oids: readonly string[], repetitions: number): [string, Uint8Array][] {
  const positions = oids.map((name) => after(entries, name.split(".").map(Number)));
  const rounds = Math.min(repetitions, Math.max(1, Math.floor(MAX_VARIABLES / oids.length)));
  return Array.from({ length: rounds }, (_, round) =>
    positions.map((at, i): [string, Uint8Array] => {
      const entry = entries[at + round];
      return entry ? [entry.oid, entry.value] : [oids[i] ?? "", END_OF_MIB_VIEW];
    }),
  ).flat();
}

/** Position of the first entry behind an OID. */
function after(entries: readonly Entry[], arcs: readonly number[]): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (compare(entries[mid]?.arcs ?? [], arcs) > 0) high = mid;
    else low = mid + 1;
  }
  return low;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] ?? 0) - (b[i] ?? 0);
  return a.length - b.length;
}

function encoded({ type, value }: { type: string; value: string }): Uint8Array {
  if (type === "4x") return element(TAG.octets, Buffer.from(value, "hex"));
  if (type === "6") return oid(value);
  if (type === "64") return element(0x40, Uint8Array.from(value.split(".").map(Number)));
  if (["2", "65", "66", "67", "70"].includes(type)) return element(Number(type), twosComplement(BigInt(value)));
  return element(TAG.octets, Buffer.from(value));
}

function twosComplement(value: bigint): Uint8Array {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, value) !== value) bytes++;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  return Buffer.from(hex.padStart(bytes * 2, "0"), "hex");
}

interface Tlv {
  readonly content: Buffer;
  readonly end: number;
}

function read(bytes: Buffer, at: number): Tlv {
  const short = bytes[at + 1] ?? 0;
  const long = short & 0x80 ? short & 0x7f : 0;
  const length = long ? bytes.readUIntBE(at + 2, long) : short;
  const start = at + 2 + long;
  return { content: bytes.subarray(start, start + length), end: start + length };
}

function parseRequest(bytes: Buffer): { requestId: Buffer; repetitions: number; oids: string[] } {
  const message = read(bytes, 0).content;
  const pdu = read(message, read(message, read(message, 0).end).end).content;
  const id = read(pdu, 0);
  const nonRepeaters = read(pdu, id.end);
  const repetitions = read(pdu, nonRepeaters.end);
  const list = read(pdu, repetitions.end).content;
  const oids: string[] = [];
  for (let at = 0; at < list.length; ) {
    const binding = read(list, at);
    oids.push(dotted(read(binding.content, 0).content));
    at = binding.end;
  }
  return { requestId: id.content, repetitions: repetitions.content.readUIntBE(0, repetitions.content.length), oids };
}

function dotted(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(Math.floor(arc / 40), 2), arc - 40 * Math.min(Math.floor(arc / 40), 2));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join(".");
}
