/** An observation as the lab's children print it: facts decoded, one JSON object a line. */
import { decodePosture, decodeVolatile, isProbeId, type Observation, Outcome } from "@vedette/proto";

export interface SeenLook {
  readonly probe: string;
  readonly subject: { readonly kind: string; readonly address?: string; readonly port?: number };
  /** "identified", "not-identified", "unreachable" or "undetermined". */
  readonly outcome: string;
  readonly fault?: { readonly phase: string; readonly code: string };
  readonly linkAddress?: string;
  readonly interface: string;
  /** Absent in confirmations. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** ms since 1970. */
  readonly wallMs: number;
}

export function seen(o: Observation): SeenLook {
  const { kind } = o.subject ?? {};
  const place =
    kind?.case === "endpoint" ? { address: kind.value.address, port: kind.value.port } : kind?.case === "host" ? kind.value : {};
  const facts =
    o.body.case === "facts" && isProbeId(o.probe)
      ? { facts: { ...decodePosture(o.probe, o.body.value.posture), ...decodeVolatile(o.probe, o.body.value.volatile) } }
      : {};
  return {
    probe: o.probe,
    subject: {
      kind: kind?.case ?? "",
      ...("address" in place ? { address: place.address } : {}),
      ...("port" in place ? { port: place.port } : {}),
    },
    outcome: (Outcome[o.outcome] ?? "").toLowerCase().replace("_", "-"),
    ...(o.fault === undefined ? {} : { fault: { phase: o.fault.phase, code: o.fault.code } }),
    ...(o.linkAddress === undefined ? {} : { linkAddress: o.linkAddress }),
    interface: o.interface,
    ...facts,
    wallMs: o.wallMs,
  };
}
