/** Beacons and probe responses of a simulated BSS, byte by byte. IEEE 802.11-2020, 9.3.3 and 9.4.2; Wi-Fi Simple Configuration 2.0.8, 8.2 and 12 */
import type { WifiForm } from "../form.ts";
import type { Identity } from "../identity.ts";

export interface Bss {
  readonly form: WifiForm;
  readonly bssid: string;
  readonly identity: Identity;
}

const bytes = (hex: string) => Buffer.from(hex.replaceAll(":", ""), "hex");

function element(id: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id, body.length]), body]);
}

function uint16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
}

function suites(list: readonly string[]): Buffer {
  return Buffer.concat([uint16(list.length), ...list.map(bytes)]);
}

/** RSN element, 9.4.2.24: capabilities bit 6 = PMF required, bit 7 = PMF capable. */
function rsn(form: WifiForm): Buffer {
  const capabilities = { none: 0, capable: 0x80, required: 0xc0 }[form.pmf];
  return element(
    48,
    Buffer.concat([uint16(1), bytes(form.groupCipher), suites(form.pairwiseCiphers), suites(form.akms), uint16(capabilities)]),
  );
}

function attribute(id: number, body: Buffer | string): Buffer {
  const value = typeof body === "string" ? Buffer.from(body) : body;
  const head = Buffer.alloc(4);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** Config Methods stand in the probe response alone: hostapd and most products do it so. */
function wps(bss: Bss, response: boolean): Buffer {
  const { wps: form, ssid } = bss.form;
  if (form === undefined) return Buffer.alloc(0);
  const attributes = [attribute(0x104a, bytes("10")), attribute(0x1044, bytes("02"))];
  if (response) {
    const methods = Buffer.alloc(2);
    methods.writeUInt16BE(form.configMethods);
    attributes.push(
      attribute(0x103b, bytes("03")),
      attribute(0x1047, bytes(bss.identity.udn.replaceAll("-", ""))),
      attribute(0x1021, form.manufacturer),
      attribute(0x1023, form.modelName),
      attribute(0x1024, "1"),
      attribute(0x1042, bss.identity.serial),
      attribute(0x1054, bytes("00060050f2040001")),
      attribute(0x1011, ssid),
      attribute(0x1008, methods),
    );
  }
  attributes.push(attribute(0x1049, bytes("00372a000120")));
  return element(221, Buffer.concat([bytes("0050f204"), ...attributes]));
}

const BROADCAST = "ff:ff:ff:ff:ff:ff";
/** Capability: ESS, Privacy, short slot time. */
const CAPABILITY = 0x0411;

/** One management frame without radiotap and FCS. @param timestamp of the BSS, µs. */
export function managementFrame(kind: "beacon" | "probe-response", bss: Bss, client: string, sequence: number, timestamp: bigint): Buffer {
  const beacon = kind === "beacon";
  const head = Buffer.concat([
    bytes(beacon ? "8000" : "5000"),
    uint16(0),
    bytes(beacon ? BROADCAST : client),
    bytes(bss.bssid),
    bytes(bss.bssid),
    uint16((sequence % 4096) << 4),
  ]);
  const fixed = Buffer.alloc(12);
  fixed.writeBigUInt64LE(timestamp, 0);
  fixed.writeUInt16LE(100, 8);
  fixed.writeUInt16LE(CAPABILITY, 10);
  const { form } = bss;
  return Buffer.concat([
    head,
    fixed,
    element(0, Buffer.from(form.ssid)),
    element(1, bytes("82848b960c121824")),
    element(3, Buffer.from([form.channel])),
    beacon ? element(5, bytes("00010000")) : Buffer.alloc(0),
    rsn(form),
    element(50, bytes("3048606c")),
    wps(bss, !beacon),
  ]);
}
