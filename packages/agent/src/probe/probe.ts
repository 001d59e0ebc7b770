/** What a probe is. Adding one: a folder beside this file, a line in registry.ts, its messages in proto, its rules in standard. */
import type { PostureOf, ProbeId, VolatileOf } from "@vedette/proto";
import type { z } from "zod";
import type { Dial } from "../net/dial.ts";

export type Tier = "passive" | "polite" | "credentialed" | "intrusive";

export const PHASES = ["resolve", "connect", "tls", "request", "response", "decode"] as const;
export type Phase = (typeof PHASES)[number];

/** Closed set; a test produces each. */
export const FAULT_CODES = [
  "refused", // RST, ICMP port unreachable
  "timeout", // the deadline passed
  "closed", // the peer ended the stream before an answer was whole
  "reset", // RST in the middle
  "unreachable", // no route, host or net unreachable
  "malformed", // the bytes are not what the protocol says
  "rejected", // well-formed refusal by the peer
  "too-large", // a cap of ours was reached
  "out-of-scope", // our own scope forbade it; nothing was sent
  "budget", // our own budget forbade it; nothing was sent
  "resource", // our own machine could not (EMFILE, ENOBUFS)
  "bug", // our own code threw
] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

export interface Fault {
  readonly phase: Phase;
  readonly code: FaultCode;
  /** One sentence, without bytes from the network. */
  readonly message: string;
  readonly cause?: unknown;
}

export interface Target {
  /** Canonical IP address, or the path of a capture file for transport "capture". */
  readonly address: string;
  /** 0 for host-wide probes and captures. */
  readonly port: number;
  /** What discovery told: path of a LOCATION, RTSP paths ... */
  readonly hints?: Readonly<Record<string, string>>;
}

export interface Clock {
  /** Wall clock, ms since 1970. */
  wall(): number;
  /** Monotonic, ms. */
  monotonic(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface ProbeContext {
  /** The only deadline. */
  readonly signal: AbortSignal;
  /** The only door out: one permit per connection, scope, byte caps, log. */
  readonly dial: Dial;
  readonly clock: Clock;
  /** Kept with failures. */
  note(step: string, detail?: Readonly<Record<string, unknown>>): void;
  /** Raw bytes worth keeping, in order of worth; run.ts caps them at 16 KiB together. Never media, never secrets. */
  evidence(label: string, bytes: Uint8Array): void;
}

export interface Facts<P extends ProbeId> {
  readonly posture: PostureOf<P>;
  readonly volatile: VolatileOf<P>;
}

/** What one look at one subject gave. `subject` only where a look yields subjects of its own (BSSs of a capture, hosts of a search). */
export interface Found<P extends ProbeId> extends Facts<P> {
  readonly subject?: FoundSubject;
  readonly evidence?: readonly { label: string; bytes: Uint8Array }[];
}

export type FoundSubject = { kind: "host"; address: string; linkAddress?: string } | { kind: "bss"; bssid: string; ssid: string };

export type Reading<P extends ProbeId> =
  | { outcome: "identified"; result: Facts<P>; fault?: Fault }
  | { outcome: "not-identified" | "unreachable" | "undetermined"; fault: Fault };

/** A probe does not retry, judge, store or log. Throwing means `bug`. */
export interface Probe<P extends ProbeId, Options> {
  readonly id: P;
  /** Bump when the meaning changes. */
  readonly version: number;
  readonly transport: "tcp" | "udp" | "capture";
  /** Usual port; 0 for host-wide probes. */
  readonly port: number;
  readonly tier: Tier;
  /** Default deadline of one run, ms. */
  readonly deadlineMs: number;
  readonly options: z.ZodType<Options>;
  run(target: Target, options: Options, cx: ProbeContext): Promise<Reading<P>>;
}

/** A probe whose one look yields many subjects: searches and captures. */
export interface ManyProbe<P extends ProbeId, Options> extends Omit<Probe<P, Options>, "run"> {
  runMany(target: Target, options: Options, cx: ProbeContext): Promise<{ found: readonly Found<P>[]; fault?: Fault }>;
}
