/**
 * Multicast DNS messages: questions out, the records of answers in. RFC 6762. Answers are read by dns-packet; questions are written here,
 * label by label, since it splits an instance name at the dots that it may hold (RFC 6763 4.3).
 */
import dnsPacket, { type Answer } from "dns-packet";
import { canonical } from "../../net/scope.ts";
import { clean, decodeText } from "../../net/text.ts";
import { WireError } from "../../net/wire-error.ts";

interface Common {
  /** As sent, without the last dot; names compare without regard to case. */
  readonly name: string;
  /** Seconds; 0 is a goodbye. */
  readonly ttlS: number;
  /** Cache-flush: older records of this name and type are void. */
  readonly flush: boolean;
}

export type Rdata =
  | { readonly type: "PTR"; readonly target: string }
  | { readonly type: "SRV"; readonly port: number; readonly target: string }
  | { readonly type: "TXT"; readonly entries: readonly string[] }
  | { readonly type: "A" | "AAAA"; readonly address: string };

export type MdnsRecord = Common & Rdata;

export interface Asked {
  readonly labels: readonly string[];
  readonly type: "PTR" | "SRV" | "TXT";
}

const TYPE = { PTR: 12, SRV: 33, TXT: 16 } as const;
const CLASS_IN = 1;

/** RFC 6762 17: no message is longer than this. */
export const MAX_MESSAGE = 9_000;
const MAX_NAME = 255;
const MAX_ENTRIES = 64;
/** A week: what a device says beyond is held no longer. */
const MAX_TTL_S = 7 * 24 * 3600;

/** @throws RangeError for a label that is empty or longer than 63 bytes */
export function encodeQuery(id: number, asked: readonly Asked[]): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(asked.length, 4);
  const questions = asked.map(({ labels, type }) =>
    Buffer.concat([...labels.map(labelBytes), Buffer.from([0, 0, TYPE[type], 0, CLASS_IN])]),
  );
  return Buffer.concat([head, ...questions]);
}

/** Whether a name may be asked for. */
export function isLabel(label: string): boolean {
  const length = Buffer.byteLength(label);
  return length >= 1 && length <= 63;
}

function labelBytes(label: string): Buffer {
  if (!isLabel(label)) throw new RangeError("a label has 1 to 63 bytes");
  const bytes = Buffer.from(label);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** Records of all sections that tell of services and hosts; undefined where it is a question of somebody's. @throws WireError */
export function decodeAnswer(bytes: Uint8Array): MdnsRecord[] | undefined {
  if (bytes.length > MAX_MESSAGE) throw new WireError("the message is longer than multicast DNS allows");
  let packet: dnsPacket.DecodedPacket;
  try {
    packet = dnsPacket.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch {
    // The library throws whatever its reads run into.
    throw new WireError("the bytes are no DNS message");
  }
  if (packet.type !== "response") return undefined;
  return [...(packet.answers ?? []), ...(packet.authorities ?? []), ...(packet.additionals ?? [])].flatMap(recordOf);
}

function recordOf(answer: Answer): MdnsRecord[] {
  if (answer.type === "OPT" || !("ttl" in answer)) return [];
  const data = rdataOf(answer);
  const name = nameOf(answer.name);
  if (!data || name === "") return [];
  const flush = "flush" in answer && answer.flush === true;
  return [{ name, ttlS: Math.min(answer.ttl ?? 0, MAX_TTL_S), flush, ...data }];
}

function rdataOf(answer: Answer): Rdata | undefined {
  switch (answer.type) {
    case "PTR":
      return { type: "PTR", target: nameOf(answer.data) };
    case "SRV":
      return { type: "SRV", port: answer.data.port ?? 0, target: nameOf(answer.data.target) };
    case "TXT":
      return { type: "TXT", entries: entriesOf(answer.data) };
    case "A":
    case "AAAA": {
      const address = canonical(answer.data);
      return address === undefined ? undefined : { type: answer.type, address };
    }
    default:
      return undefined;
  }
}

/** RFC 6763 6: "key=value" or "key"; sorted, empty strings left out. */
function entriesOf(data: dnsPacket.TxtData): string[] {
  const strings = Array.isArray(data) ? data : [data];
  const entries = strings.slice(0, MAX_ENTRIES).map((s) => clean(typeof s === "string" ? s : decodeText(s), 255));
  return [...new Set(entries.filter((e) => e !== ""))].sort();
}

function nameOf(name: string): string {
  return clean(name, MAX_NAME).replace(/\.$/, "");
}
