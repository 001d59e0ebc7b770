/** The present of a site from one round alone, in the API's shapes. */
import { createHash } from "node:crypto";
import { isProbeId } from "@vedette/proto";
import { type Look, RULES_VERSION } from "@vedette/standard";
import { identityShape } from "../api/device-shape.ts";
import type { Assessment, DeviceDetail } from "../api/shape.ts";
import { assessmentShape } from "../api/verdict-shape.ts";
import { apiDevice, type BssPresent, type Decisions, deriveSite, type Occurrence, observationId, vantageOf } from "../derive/index.ts";
import type { StoredObservation } from "../derive/types.ts";

export interface RoundDevice {
  readonly device: DeviceDetail;
  /** All 54 verdicts. */
  readonly assessment: Assessment;
  readonly exposures: readonly Occurrence[];
}

export interface RoundBss extends Pick<BssPresent, "bssid" | "ssid" | "device"> {
  readonly look: Look<"wifi.bss">;
}

export interface RoundPresent {
  readonly devices: readonly RoundDevice[];
  readonly bss: readonly RoundBss[];
}

export interface RoundInput {
  readonly tenant: string;
  readonly site: string;
  readonly observations: readonly StoredObservation[];
  readonly decisions: Decisions;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** @param at end of the round, ms: what is judged is that moment */
export function presentOf(input: RoundInput, at: number): RoundPresent {
  const { tenant, site, observations } = input;
  const present = deriveSite(
    { ...input, known: new Map(), sharedKeys: [], rules: RULES_VERSION },
    at,
    // Nothing more will come that a host would have to be waited for.
    { hash, settleMs: 0 },
  );
  const devices = present.devices.flatMap((d): RoundDevice[] => {
    const beliefs = present.beliefs
      .filter((b) => b.device === d.id)
      .sort((a, b) => (a.clause < b.clause ? -1 : a.clause > b.clause ? 1 : a.from - b.from))
      .map((b, seq) => ({ ...b, recordedAt: at, seq }));
    const assessment = assessmentShape(d.id, at, at, beliefs);
    if (assessment === null) return [];
    const failing = assessment.verdicts.filter((v) => v.status === "fail").map((v) => v.clause);
    const { level: _, addresses, tags, sources, ...device } = apiDevice(d, tenant, site, failing);
    return [
      {
        device: {
          ...device,
          level: assessment.level,
          counts: { ...d.counts },
          failing,
          addresses: [...addresses],
          tags: [...tags],
          sources: [...sources],
          ...identityShape(d),
        },
        assessment,
        exposures: present.occurrences.filter((o) => o.device === d.id && o.kind === "exposure"),
      },
    ];
  });
  return { devices, bss: present.bss.flatMap((b) => withLook(b, observations)) };
}

/** The newest look that tells this BSS. */
function withLook({ bssid, ssid, device }: BssPresent, observations: readonly StoredObservation[]): RoundBss[] {
  const own = observations.filter(
    (o) => o.probe === "wifi.bss" && o.facts !== null && o.subject.kind === "bss" && o.subject.bssid === bssid && o.subject.ssid === ssid,
  );
  const newest = own.toSorted((a, b) => a.wallAt - b.wallAt || a.seq - b.seq).at(-1);
  if (newest === undefined || !isProbeId(newest.probe)) return [];
  const look = {
    id: observationId(newest),
    probe: "wifi.bss",
    probeVersion: newest.probeVersion,
    vantage: vantageOf(newest.agent),
    endpoint: { address: "", transport: "bss", port: 0, bssid },
    outcome: "identified",
    observedAt: newest.wallAt,
    confirmedAt: newest.wallAt,
    intervalMs: newest.intervalMs,
    facts: newest.facts as unknown as NonNullable<Look<"wifi.bss">["facts"]>,
  } as const satisfies Look<"wifi.bss">;
  return [{ bssid, ssid, device, look }];
}
