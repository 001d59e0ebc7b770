/** What "the same look" is: a subject, a probe, and what tells apart several looks of that pair. Kept in the outbox over restarts. */
import { isProbeId, type PostureOf, type ProbeId } from "@vedette/proto";
import type { LookSubject, Statement } from "./run.ts";

/** The lists of one host, the services of one announcer and the descriptions of one server are looked at apart from each other. */
function variantOf(look: Pick<Statement, "probe" | "facts" | "variant">): string {
  if (look.variant !== undefined) return look.variant;
  const posture: unknown = look.facts?.posture;
  switch (look.probe) {
    case "tcp.connect":
      return (posture as PostureOf<"tcp.connect"> | undefined)?.list ?? "";
    case "ssdp.notify":
      return (posture as PostureOf<"ssdp.notify"> | undefined)?.usn ?? "";
    default:
      return "";
  }
}

/** Looks that could not tell have a key of their own: they change nothing that was told before. */
const CANNOT_TELL = "undetermined";

function parts(s: LookSubject): readonly (string | number)[] {
  switch (s.kind) {
    case "endpoint":
      return [s.kind, s.address, s.transport, s.port];
    case "host":
      return [s.kind, s.address];
    case "bss":
      return [s.kind, s.bssid, s.ssid];
    case "site":
      return [s.kind];
  }
}

export function lookKey(look: Pick<Statement, "probe" | "subject" | "facts" | "outcome" | "variant">): string {
  const key = [look.probe, variantOf(look), ...parts(look.subject)];
  return JSON.stringify(look.outcome === "undetermined" ? [CANNOT_TELL, ...key] : key);
}

export interface ParsedLook {
  readonly probe: ProbeId;
  readonly variant: string;
  readonly subject: LookSubject;
}

/** Undefined for keys of looks that could not tell, and for those of a program that knew other probes. */
export function parseLookKey(key: string): ParsedLook | undefined {
  const [probe, variant, kind, a, b, c] = JSON.parse(key) as (string | number | undefined)[];
  if (typeof probe !== "string" || !isProbeId(probe) || typeof variant !== "string") return undefined;
  if (kind === "site") return { probe, variant, subject: { kind } };
  if (typeof a !== "string") return undefined;
  if (kind === "host") return { probe, variant, subject: { kind, address: a } };
  if (kind === "bss" && typeof b === "string") return { probe, variant, subject: { kind, bssid: a, ssid: b } };
  if (kind === "endpoint" && (b === "tcp" || b === "udp") && typeof c === "number")
    return { probe, variant, subject: { kind, address: a, transport: b, port: c } };
  return undefined;
}
