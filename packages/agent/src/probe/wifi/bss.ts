/** Frames gathered into BSSs. */
import { create } from "@bufbuild/protobuf";
import { WifiBssPostureSchema, WifiBssVolatileSchema } from "@vedette/proto";
import type { Found } from "../probe.ts";
import type { Rsn } from "./element.ts";
import type { ManagementFrame } from "./frame.ts";
import { textOf, type Wps } from "./wps.ts";

const MAX_BSS = 4_096;
const MAX_STATIONS = 256;

interface Station {
  rsn: Rsn | undefined;
  wpa: Rsn | undefined;
}

interface Gathered {
  ssid: string;
  hidden: boolean;
  privacy: boolean;
  beaconSeen: boolean;
  probeResponseSeen: boolean;
  rsn: Rsn | undefined;
  wpa: Rsn | undefined;
  wpsBeacon: Wps | undefined;
  wpsProbeResponse: Wps | undefined;
  oweTransition: boolean;
  channel: number;
  frameCount: number;
  signalDbm: number | undefined;
  readonly stations: Map<string, Station>;
  readonly raw: Map<string, Uint8Array>;
}

export class BssTable {
  readonly #known = new Map<string, Gathered>();
  /** Frames of BSSs beyond the cap. */
  overflow = 0;

  add(frame: ManagementFrame, bytes: Uint8Array, signalDbm: number | undefined): void {
    const bss = this.#of(frame.bssid);
    if (bss === undefined) {
      this.overflow += 1;
      return;
    }
    if (!bss.raw.has(frame.kind)) bss.raw.set(frame.kind, Uint8Array.from(bytes));
    if (frame.kind === "association-request") {
      if (bss.stations.size < MAX_STATIONS || bss.stations.has(frame.source)) {
        bss.stations.set(frame.source, { rsn: frame.elements.rsn, wpa: frame.elements.wpa });
      }
      return;
    }
    announce(bss, frame);
    bss.frameCount += 1;
    if (signalDbm !== undefined) bss.signalDbm = signalDbm;
  }

  #of(bssid: string): Gathered | undefined {
    const known = this.#known.get(bssid);
    if (known !== undefined) return known;
    if (this.#known.size === MAX_BSS) return undefined;
    const fresh: Gathered = {
      ssid: "",
      hidden: false,
      privacy: false,
      beaconSeen: false,
      probeResponseSeen: false,
      rsn: undefined,
      wpa: undefined,
      wpsBeacon: undefined,
      wpsProbeResponse: undefined,
      oweTransition: false,
      channel: 0,
      frameCount: 0,
      signalDbm: undefined,
      stations: new Map(),
      raw: new Map(),
    };
    this.#known.set(bssid, fresh);
    return fresh;
  }

  /** BSSs that announced themselves, sorted by BSSID. */
  found(inScope: (bssid: string, ssid: string) => boolean): Found<"wifi.bss">[] {
    return [...this.#known]
      .filter(([bssid, bss]) => bss.frameCount > 0 && inScope(bssid, bss.ssid))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([bssid, bss]) => foundOf(bssid, bss));
  }
}

/** What a beacon or a probe response says; the latest of them holds. */
function announce(bss: Gathered, { kind, privacy, elements }: ManagementFrame): void {
  const { ssid, rsn, wpa, wps, oweTransition, channel } = elements;
  const isBeacon = kind === "beacon";
  // A hidden network leaves its name out, or zeroes it, in beacons only.
  const named = ssid?.some((byte) => byte !== 0) === true;
  if (isBeacon && ssid !== undefined) bss.hidden = !named;
  if (named) bss.ssid = textOf(ssid);
  bss.privacy = privacy;
  bss.rsn = rsn;
  bss.wpa = wpa;
  bss.oweTransition = oweTransition;
  if (channel !== undefined) bss.channel = channel;
  if (isBeacon) {
    bss.beaconSeen = true;
    bss.wpsBeacon = wps;
  } else {
    bss.probeResponseSeen = true;
    bss.wpsProbeResponse = wps;
  }
}

function foundOf(bssid: string, bss: Gathered): Found<"wifi.bss"> {
  const posture = create(WifiBssPostureSchema, {
    bssid,
    ssid: bss.ssid,
    hidden: bss.hidden,
    privacy: bss.privacy,
    beaconSeen: bss.beaconSeen,
    probeResponseSeen: bss.probeResponseSeen,
    oweTransition: bss.oweTransition,
    stations: [...bss.stations]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([address, { rsn, wpa }]) => ({ address, ...protection(rsn, wpa) })),
    ...protection(bss.rsn, bss.wpa),
    ...(bss.wpsBeacon === undefined ? {} : { wpsBeacon: bss.wpsBeacon }),
    ...(bss.wpsProbeResponse === undefined ? {} : { wpsProbeResponse: bss.wpsProbeResponse }),
  });
  const volatile = create(WifiBssVolatileSchema, {
    channel: bss.channel,
    frameCount: bss.frameCount,
    ...(bss.signalDbm === undefined ? {} : { signalDbm: bss.signalDbm }),
  });
  const evidence = [...bss.raw].map(([label, bytes]) => ({ label, bytes }));
  return { subject: { kind: "bss", bssid, ssid: bss.ssid }, posture, volatile, evidence };
}

function protection(rsn: Rsn | undefined, wpa: Rsn | undefined) {
  return { ...(rsn === undefined ? {} : { rsn: mutable(rsn) }), ...(wpa === undefined ? {} : { wpa: mutable(wpa) }) };
}

/** Lists in the message's own type. */
function mutable(rsn: Rsn) {
  return { ...rsn, pairwiseCiphers: [...rsn.pairwiseCiphers], akms: [...rsn.akms] };
}
