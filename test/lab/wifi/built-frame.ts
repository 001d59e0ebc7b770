/** Captures with bytes of the tests' own, written without any code of the agent. */

const BROADCAST = Buffer.alloc(6, 0xff);

export interface BuiltFrame {
  readonly kind: "beacon" | "probe-response" | "association-request";
  readonly bssid: Buffer;
  readonly ssid: string;
  /** Elements after the SSID, already in bytes. */
  readonly elements: readonly Buffer[];
}

export function element(id: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([id, body.length]), body]);
}

export function wpsAttribute(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}

/** Vendor elements of at most 251 bytes of WPS each. */
export function wpsElements(attributes: readonly Buffer[], pieceLength = 251): Buffer[] {
  const all = Buffer.concat(attributes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < all.length; at += pieceLength) {
    pieces.push(element(221, Buffer.concat([Buffer.from("0050f204", "hex"), all.subarray(at, at + pieceLength)])));
  }
  return pieces;
}

export function wpsWithMethods(methods: number): Buffer[] {
  const word = Buffer.alloc(2);
  word.writeUInt16BE(methods);
  return wpsElements([wpsAttribute(0x104a, Buffer.from([0x10])), wpsAttribute(0x1044, Buffer.from([2])), wpsAttribute(0x1008, word)]);
}

export function frameBytes({ kind, bssid, ssid, elements }: BuiltFrame): Buffer {
  const control = { beacon: 0x80, "probe-response": 0x50, "association-request": 0x00 }[kind];
  const station = Buffer.from("0211223344ff", "hex");
  const header =
    kind === "association-request"
      ? Buffer.concat([Buffer.from([control, 0, 0, 0]), bssid, station, bssid, Buffer.from([0, 0])])
      : Buffer.concat([Buffer.from([control, 0, 0, 0]), kind === "beacon" ? BROADCAST : station, bssid, bssid, Buffer.from([0, 0])]);
  const fixed = kind === "association-request" ? Buffer.from("11000a00", "hex") : Buffer.from("000000000000000064001104", "hex");
  return Buffer.concat([
    header,
    fixed,
    element(0, Buffer.from(ssid)),
    element(1, Buffer.from("82848b96", "hex")),
    element(3, Buffer.from([6])),
    ...elements,
  ]);
}

/** What may stand before a frame, by LINKTYPE. */
export const LINK_HEADERS: Readonly<Record<number, Buffer>> = {
  105: Buffer.alloc(0),
  119: prismHeader(),
  // Signal -42 dBm (bit 5 of the present mask) and a byte of filling.
  127: Buffer.from("00000a0020000000d600", "hex"),
  163: avsHeader(),
  192: Buffer.from("0000080069000000", "hex"),
};

function prismHeader(): Buffer {
  const header = Buffer.alloc(144);
  header.writeUInt32LE(0x44, 0);
  header.writeUInt32LE(144, 4);
  header.write("wlan0", 8);
  return header;
}

function avsHeader(): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x80211001, 0);
  header.writeUInt32BE(64, 4);
  return header;
}

export interface PcapForm {
  readonly little: boolean;
  readonly nanoseconds: boolean;
}

export function pcapFile(
  linkType: number,
  frames: readonly Buffer[],
  { little, nanoseconds }: PcapForm = { little: true, nanoseconds: false },
): Buffer {
  const words = (...values: readonly number[]) => {
    const out = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries()) little ? out.writeUInt32LE(value, i * 4) : out.writeUInt32BE(value, i * 4);
    return out;
  };
  const version = Buffer.alloc(4);
  if (little) version.writeUInt16LE(2, 0);
  else version.writeUInt16BE(2, 0);
  if (little) version.writeUInt16LE(4, 2);
  else version.writeUInt16BE(4, 2);
  const head = Buffer.concat([words(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4), version, words(0, 0, 65_535, linkType)]);
  const before = LINK_HEADERS[linkType] ?? Buffer.alloc(0);
  return Buffer.concat([
    head,
    ...frames.flatMap((frame) => [words(1_700_000_000, 1, before.length + frame.length, before.length + frame.length), before, frame]),
  ]);
}

export function pcapngFile(linkType: number, frames: readonly Buffer[], little = true): Buffer {
  const word = (value: number) => {
    const out = Buffer.alloc(4);
    little ? out.writeUInt32LE(value) : out.writeUInt32BE(value);
    return out;
  };
  const half = (value: number) => {
    const out = Buffer.alloc(2);
    little ? out.writeUInt16LE(value) : out.writeUInt16BE(value);
    return out;
  };
  const block = (type: number, body: Buffer) => {
    const filled = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = word(12 + filled.length);
    return Buffer.concat([word(type), length, filled, length]);
  };
  const before = LINK_HEADERS[linkType] ?? Buffer.alloc(0);
  return Buffer.concat([
    block(0x0a0d0d0a, Buffer.concat([word(0x1a2b3c4d), half(1), half(0), Buffer.alloc(8, 0xff)])),
    block(1, Buffer.concat([half(linkType), half(0), word(65_535)])),
    ...frames.map((frame) => {
      const packet = Buffer.concat([before, frame]);
      return block(6, Buffer.concat([word(0), word(0), word(0), word(packet.length), word(packet.length), packet]));
    }),
  ]);
}
