/** Attributes of Wi-Fi Protected Setup (Wi-Fi Simple Configuration 2.0.8, 12). */
import { Cursor } from "./cursor.ts";

export interface Wps {
  /** 0x10, or what version 2 tells in its extension. */
  readonly version: number;
  /** 1 unconfigured, 2 configured; 0 not told. */
  readonly state: number;
  readonly configMethods?: number;
  readonly setupLocked?: boolean;
  readonly selectedRegistrar?: boolean;
  readonly devicePasswordId?: number;
  readonly manufacturer: string;
  readonly modelName: string;
  readonly modelNumber: string;
  readonly serialNumber: string;
  readonly deviceName: string;
  /** With dashes, lower case; empty where not told. */
  readonly uuid: string;
}

const ATTRIBUTE = {
  configMethods: 0x1008,
  deviceName: 0x1011,
  devicePasswordId: 0x1012,
  manufacturer: 0x1021,
  modelName: 0x1023,
  modelNumber: 0x1024,
  selectedRegistrar: 0x1041,
  serialNumber: 0x1042,
  state: 0x1044,
  uuid: 0x1047,
  vendorExtension: 0x1049,
  version: 0x104a,
  setupLocked: 0x1057,
} as const;

const WIFI_ALLIANCE = "00372a";
const VERSION2 = 0;
const MAX_TEXT = 64;

/** @throws CaptureError where an attribute is cut or too short for its value */
export function decodeWps(bytes: Uint8Array): Wps {
  const cursor = new Cursor(bytes, false);
  const found = new Map<number, Uint8Array>();
  let version2: number | undefined;
  while (cursor.left > 0) {
    const type = cursor.u16();
    const body = cursor.take(cursor.u16());
    if (type === ATTRIBUTE.vendorExtension) version2 ??= version2Of(body);
    else if (!found.has(type)) found.set(type, body);
  }
  const byte = (type: number) => optional(found.get(type), (body) => new Cursor(body).u8());
  const word = (type: number) => optional(found.get(type), (body) => new Cursor(body, false).u16());
  const text = (type: number) => textOf(found.get(type));
  const configMethods = word(ATTRIBUTE.configMethods);
  const setupLocked = byte(ATTRIBUTE.setupLocked);
  const selectedRegistrar = byte(ATTRIBUTE.selectedRegistrar);
  const devicePasswordId = word(ATTRIBUTE.devicePasswordId);
  return {
    version: version2 ?? byte(ATTRIBUTE.version) ?? 0,
    state: byte(ATTRIBUTE.state) ?? 0,
    ...(configMethods === undefined ? {} : { configMethods }),
    ...(setupLocked === undefined ? {} : { setupLocked: setupLocked !== 0 }),
    ...(selectedRegistrar === undefined ? {} : { selectedRegistrar: selectedRegistrar !== 0 }),
    ...(devicePasswordId === undefined ? {} : { devicePasswordId }),
    manufacturer: text(ATTRIBUTE.manufacturer),
    modelName: text(ATTRIBUTE.modelName),
    modelNumber: text(ATTRIBUTE.modelNumber),
    serialNumber: text(ATTRIBUTE.serialNumber),
    deviceName: text(ATTRIBUTE.deviceName),
    uuid: uuidOf(found.get(ATTRIBUTE.uuid)),
  };
}

function optional<T>(body: Uint8Array | undefined, read: (body: Uint8Array) => T): T | undefined {
  return body === undefined ? undefined : read(body);
}

/** Subelements with one-byte headers (table 29). @throws CaptureError */
function version2Of(body: Uint8Array): number | undefined {
  if (Buffer.from(body.subarray(0, 3)).toString("hex") !== WIFI_ALLIANCE) return undefined;
  const cursor = new Cursor(body.subarray(3));
  while (cursor.left > 0) {
    const id = cursor.u8();
    const content = cursor.take(cursor.u8());
    if (id === VERSION2) return new Cursor(content).u8();
  }
  return undefined;
}

/** UTF-8 by the specification, without the zeroes that fill it up; control characters of hostile senders become spaces. */
export function textOf(body: Uint8Array | undefined): string {
  const end = body?.indexOf(0) ?? -1;
  const text = Buffer.from(body?.subarray(0, end < 0 ? MAX_TEXT * 4 : Math.min(end, MAX_TEXT * 4)) ?? []).toString("utf8");
  return text.replace(/\p{Cc}/gu, " ").slice(0, MAX_TEXT);
}

function uuidOf(body: Uint8Array | undefined): string {
  if (body?.length !== 16) return "";
  return Buffer.from(body)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
