/** Information elements of a management frame: SSID, channel, RSN, WPA, WPS, OWE transition (IEEE 802.11-2020, 9.4.2). */
import { CaptureError, Cursor } from "./cursor.ts";
import { decodeWps, type Wps } from "./wps.ts";

export interface Rsn {
  readonly version: number;
  /** "00-0F-AC:4"; empty where the element ends before it. */
  readonly groupCipher: string;
  readonly pairwiseCiphers: readonly string[];
  readonly akms: readonly string[];
  readonly pmfCapable: boolean;
  readonly pmfRequired: boolean;
  readonly groupManagementCipher: string;
}

export interface Elements {
  /** Absent: no SSID element. */
  readonly ssid?: Uint8Array;
  readonly channel?: number;
  readonly rsn?: Rsn;
  readonly wpa?: Rsn;
  readonly wps?: Wps;
  readonly oweTransition: boolean;
}

const ID = { ssid: 0, dsParameter: 3, rsn: 48, htOperation: 61, vendor: 221 } as const;
const MICROSOFT = "00-50-F2";
const WIFI_ALLIANCE = "50-6F-9A";
const MAX_SSID = 32;
const MAX_SUITES = 64;

/** @throws CaptureError where an element is cut or its content contradicts its length */
export function decodeElements(bytes: Uint8Array): Elements {
  const cursor = new Cursor(bytes);
  const out: { -readonly [K in keyof Elements]: Elements[K] } = { oweTransition: false };
  const wps: Uint8Array[] = [];
  while (cursor.left > 0) {
    const id = cursor.u8();
    const body = cursor.take(cursor.u8());
    if (id === ID.ssid && out.ssid === undefined) {
      if (body.length > MAX_SSID) throw new CaptureError("SSID is longer than 32 bytes");
      out.ssid = body;
    } else if (id === ID.dsParameter) out.channel = new Cursor(body).u8();
    else if (id === ID.htOperation) out.channel ??= new Cursor(body).u8();
    else if (id === ID.rsn) out.rsn = decodeRsn(body);
    else if (id === ID.vendor) {
      const vendor = vendorOf(body);
      if (vendor === `${MICROSOFT}:1`) out.wpa = decodeRsn(body.subarray(4));
      else if (vendor === `${MICROSOFT}:4`) wps.push(body.subarray(4));
      else if (vendor === `${WIFI_ALLIANCE}:28`) out.oweTransition = true;
    }
  }
  // One WPS message may be spread over several elements (Wi-Fi Simple Configuration 2.0.8, 8.2).
  if (wps.length > 0) out.wps = decodeWps(Buffer.concat(wps));
  return out;
}

/** OUI and type of a vendor element; empty where it is too short to have them. */
function vendorOf(body: Uint8Array): string {
  return body.length < 4 ? "" : suiteText(body.subarray(0, 4));
}

/**
 * RSN (9.4.2.24); WPA's element has the same form and ends before the capabilities or with them. It may end after any field.
 * @throws CaptureError
 */
export function decodeRsn(body: Uint8Array): Rsn {
  const cursor = new Cursor(body);
  const version = cursor.u16();
  const groupCipher = cursor.left > 0 ? suiteText(cursor.take(4)) : "";
  const pairwiseCiphers = cursor.left > 0 ? suites(cursor) : [];
  const akms = cursor.left > 0 ? suites(cursor) : [];
  const capabilities = cursor.left > 0 ? cursor.u16() : 0;
  if (cursor.left > 0) cursor.take(16 * cursor.u16());
  const groupManagementCipher = cursor.left > 0 ? suiteText(cursor.take(4)) : "";
  return {
    version,
    groupCipher,
    pairwiseCiphers,
    akms,
    pmfCapable: (capabilities & 0x80) !== 0,
    pmfRequired: (capabilities & 0x40) !== 0,
    groupManagementCipher,
  };
}

function suites(cursor: Cursor): string[] {
  const count = cursor.u16();
  if (count > MAX_SUITES) throw new CaptureError("more suites than an element can hold");
  return Array.from({ length: count }, () => suiteText(cursor.take(4)));
}

export function suiteText(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 3), (byte) => byte.toString(16).toUpperCase().padStart(2, "0"));
  return `${hex.join("-")}:${bytes[3] ?? 0}`;
}
