/** Every frame at one host's interface, as wireshark's dumpcap records and tshark decodes them. */
import { setTimeout as delay } from "node:timers/promises";
import type { LabHost } from "./network.ts";
import { start } from "./program.ts";
import { output } from "./tls/program.ts";

export const CAPTURE_PROGRAMS = ["dumpcap", "tshark"];
const READY_MS = 10_000;

export interface Frame {
  /** s since 1970 */
  readonly atS: number;
  readonly linkSource: string;
  /** "arp", "ipv4", "ipv6", else the EtherType. */
  readonly kind: string;
  /** The IP address it goes to; of ARP, the one it asks for or answers. */
  readonly target: string;
  /** "tcp/80", "udp/1900", "icmpv6/143", "igmp", "reply" or "request" of ARP. */
  readonly what: string;
  /** First segment of a connection. */
  readonly opens: boolean;
}

export interface Capture {
  /** @throws where frames were lost: then the capture proves nothing */
  stop(): Promise<readonly Frame[]>;
}

export async function capture(host: LabHost, file: string): Promise<Capture> {
  const running = start(host, "dumpcap", ["-q", "-B", "32", "-i", "eth0", "-w", file]);
  for (const until = Date.now() + READY_MS; !running.words().includes("File:"); await delay(20))
    if (running.child.exitCode !== null || Date.now() > until) throw new Error(`dumpcap does not capture: ${running.words()}`);
  return {
    async stop() {
      // What is on its way is still written.
      await delay(300);
      await running.stop("SIGINT");
      const [, lost] = /received\/dropped on interface '[^']+': \d+\/(\d+)/.exec(running.words()) ?? [];
      if (lost !== "0") throw new Error(`dumpcap lost frames: ${running.words()}`);
      return read(file);
    },
  };
}

const FIELDS = [
  "frame.time_epoch",
  "eth.src",
  "eth.type",
  "arp.opcode",
  "arp.dst.proto_ipv4",
  "ip.dst",
  "ipv6.dst",
  "ip.proto",
  "tcp.dstport",
  "udp.dstport",
  "icmpv6.type",
  "tcp.flags.syn",
  "tcp.flags.ack",
] as const;
type Field = (typeof FIELDS)[number];

const KINDS: Readonly<Record<string, string>> = { "0x0800": "ipv4", "0x0806": "arp", "0x86dd": "ipv6" };
const IGMP = "2";

async function read(file: string): Promise<Frame[]> {
  const fields = FIELDS.flatMap((field) => ["-e", field]);
  const text = await output("tshark", ["-n", "-r", file, "-T", "fields", "-E", "occurrence=f", ...fields]);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(frameOf);
}

function frameOf(line: string): Frame {
  const values = line.split("\t");
  const at = (field: Field): string => values[FIELDS.indexOf(field)] ?? "";
  const type = at("eth.type");
  return {
    atS: Number(at("frame.time_epoch")),
    linkSource: at("eth.src"),
    kind: KINDS[type] ?? type,
    target: at("arp.dst.proto_ipv4") || at("ip.dst") || at("ipv6.dst"),
    what: whatOf(at),
    opens: isSet(at("tcp.flags.syn")) && !isSet(at("tcp.flags.ack")),
  };
}

function whatOf(at: (field: Field) => string): string {
  if (at("arp.opcode") !== "") return at("arp.opcode") === "1" ? "request" : "reply";
  if (at("tcp.dstport") !== "") return `tcp/${at("tcp.dstport")}`;
  // An ICMP error quotes the header of what it is about: its protocol is then not that of the frame.
  if (at("udp.dstport") !== "" && at("ip.proto") !== "1") return `udp/${at("udp.dstport")}`;
  if (at("icmpv6.type") !== "") return `icmpv6/${at("icmpv6.type")}`;
  return at("ip.proto") === IGMP ? "igmp" : `ip/${at("ip.proto")}`;
}

/** Written as 1 or True, by tshark's version. */
function isSet(flag: string): boolean {
  return flag === "1" || flag.toLowerCase() === "true";
}
