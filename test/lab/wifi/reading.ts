/** A capture as our probe reads it. */
import { systemClock } from "../../../packages/agent/src/net/clock.ts";
import { fakeDial } from "../../../packages/agent/src/net/fake-dial.ts";
import type { Found } from "../../../packages/agent/src/probe/probe.ts";
import { wifiBss } from "../../../packages/agent/src/probe/wifi/probe.ts";
import { type BssDecode, type CaptureDecode, NO_CAPTURE, type Protection, type WpsDecode } from "./decode.ts";

export async function foundIn(path: string): Promise<readonly Found<"wifi.bss">[]> {
  return (await run(path)).found;
}

/** @throws where the capture is one and cannot be read to its end */
export async function ourDecode(path: string): Promise<CaptureDecode | typeof NO_CAPTURE> {
  const { found, fault, refused } = await run(path);
  if (fault?.code === "malformed") return NO_CAPTURE;
  if (fault !== undefined) throw new Error(`${path}: ${fault.code}`);
  return { refused, bss: new Map(found.map((each) => [each.posture.bssid, bssOf(each)])) };
}

async function run(path: string) {
  const notes: Readonly<Record<string, unknown>>[] = [];
  const context = {
    signal: AbortSignal.timeout(60_000),
    dial: fakeDial({}),
    clock: systemClock,
    note: (_: string, detail?: Readonly<Record<string, unknown>>) => void notes.push(detail ?? {}),
    evidence: () => undefined,
  };
  const reading = await wifiBss.runMany({ address: path, port: 0 }, wifiBss.options.parse({}), context);
  return { ...reading, refused: Number(notes[0]?.["malformed"]) };
}

function bssOf({ posture, volatile }: Found<"wifi.bss">): BssDecode {
  return {
    privacy: posture.privacy,
    rsn: protectionOf(posture.rsn),
    wpa: protectionOf(posture.wpa),
    wpsBeacon: wpsOf(posture.wpsBeacon),
    wpsProbeResponse: wpsOf(posture.wpsProbeResponse),
    frames: volatile.frameCount,
    stations: new Map(posture.stations.map(({ address, rsn, wpa }) => [address, { rsn: protectionOf(rsn), wpa: protectionOf(wpa) }])),
  };
}

type Posture = Found<"wifi.bss">["posture"];

function protectionOf(element: Posture["rsn"]): Protection | undefined {
  if (element === undefined) return undefined;
  const { version, groupCipher, pairwiseCiphers, akms, pmfCapable, pmfRequired, groupManagementCipher } = element;
  return { version, groupCipher, pairwiseCiphers, akms, pmfCapable, pmfRequired, groupManagementCipher };
}

function wpsOf(element: Posture["wpsBeacon"]): WpsDecode | undefined {
  if (element === undefined) return undefined;
  return {
    version: element.version,
    state: element.state,
    configMethods: element.configMethods,
    setupLocked: element.setupLocked,
    selectedRegistrar: element.selectedRegistrar,
    devicePasswordId: element.devicePasswordId,
    manufacturer: element.manufacturer,
    modelName: element.modelName,
    modelNumber: element.modelNumber,
    serialNumber: element.serialNumber,
    deviceName: element.deviceName,
    uuid: element.uuid.replaceAll("-", ""),
  };
}
