import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CaptureError } from "./cursor.ts";
import { decodeElements, decodeRsn } from "./element.ts";
import { decodeFrame } from "./frame.ts";
import { type CaptureDecoder, PcapDecoder } from "./pcap.ts";
import { PcapngDecoder } from "./pcapng.ts";
import { LINK, radioFrame } from "./radiotap.ts";
import { decodeWps } from "./wps.ts";

const runs = { numRuns: 1_000 };
const bytes = fc.uint8Array({ maxLength: 300 });

/** Nothing but the decoders' own error may come out of bytes from the air. */
function orRefuses(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
}

describe("arbitrary bytes are decoded or refused", () => {
  const elementLike = fc
    .array(fc.tuple(fc.constantFrom(0, 3, 48, 61, 221), fc.uint8Array({ maxLength: 60 }), fc.boolean()), { maxLength: 8 })
    .map((list) =>
      Buffer.concat(list.map(([id, body, lie]) => Buffer.concat([Buffer.from([id, lie ? body.length + 1 : body.length]), body]))),
    );

  test("elements", () => {
    fc.assert(
      fc.property(fc.oneof(bytes, elementLike), (input) => orRefuses(() => decodeElements(input))),
      runs,
    );
  });
  test("RSN", () => {
    fc.assert(
      fc.property(bytes, (input) => orRefuses(() => decodeRsn(input))),
      runs,
    );
  });
  test("WPS", () => {
    fc.assert(
      fc.property(bytes, (input) => orRefuses(() => decodeWps(input))),
      runs,
    );
  });
  test("management frames", () => {
    const framed = fc
      .tuple(fc.constantFrom(0x00, 0x20, 0x50, 0x80), bytes)
      .map(([control, rest]) => Buffer.concat([Buffer.from([control]), rest]));
    fc.assert(
      fc.property(fc.oneof(bytes, framed), (input) => orRefuses(() => decodeFrame(input))),
      runs,
    );
  });
  test("radio headers", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(LINK), 1), bytes, fc.nat(400), (linkType, input, originalLength) =>
        orRefuses(() => radioFrame({ linkType, bytes: input, originalLength })),
      ),
      runs,
    );
  });
  test("capture files", () => {
    const starts = ["d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "0a0d0d0a1c0000004d3c2b1a", "0a0d0d0a0000001c1a2b3c4d"].map((hex) =>
      Buffer.from(hex, "hex"),
    );
    const file = fc.tuple(fc.constantFrom(...starts), bytes).map((parts) => Buffer.concat(parts));
    const decoder = fc.constantFrom(
      (): CaptureDecoder => new PcapDecoder(),
      (): CaptureDecoder => new PcapngDecoder(),
    );
    fc.assert(
      fc.property(decoder, fc.oneof(bytes, file), (make, input) => orRefuses(() => make().push(input))),
      runs,
    );
  });
});

describe("round trips", () => {
  const suite = fc
    .tuple(fc.constantFrom("000fac", "0050f2", "004096"), fc.nat(255))
    .map(([oui, type]) => Buffer.concat([Buffer.from(oui, "hex"), Buffer.from([type])]));
  const suites = fc.array(suite, { maxLength: 6 });
  const word = (value: number) => Buffer.from([value & 0xff, value >> 8]);
  const text = (bytes: Buffer) =>
    `${bytes
      .subarray(0, 3)
      .toString("hex")
      .toUpperCase()
      .replace(/(..)(?=.)/g, "$1-")}:${bytes[3]}`;

  test("an RSN element says what was put into it", () => {
    fc.assert(
      fc.property(suite, suites, suites, fc.boolean(), fc.boolean(), (group, pairwise, akms, capable, required) => {
        const capabilities = (capable ? 0x80 : 0) | (required ? 0x40 : 0);
        const body = Buffer.concat([word(1), group, word(pairwise.length), ...pairwise, word(akms.length), ...akms, word(capabilities)]);
        expect(decodeRsn(body)).toEqual({
          version: 1,
          groupCipher: text(group),
          pairwiseCiphers: pairwise.map(text),
          akms: akms.map(text),
          pmfCapable: capable,
          pmfRequired: required,
          groupManagementCipher: "",
        });
      }),
      runs,
    );
  });

  test("a pcap file gives its packets back, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), fc.integer({ min: 1, max: 50 }), (packets, piece) => {
        const head = Buffer.from("d4c3b2a1020004000000000000000000ffff000069000000", "hex");
        const records = packets.map((packet) => {
          const record = Buffer.alloc(16);
          record.writeUInt32LE(packet.length, 8);
          record.writeUInt32LE(packet.length, 12);
          return Buffer.concat([record, packet]);
        });
        const file = Buffer.concat([head, ...records]);
        const decoder = new PcapDecoder();
        const out: string[] = [];
        for (let at = 0; at < file.length; at += piece)
          out.push(...decoder.push(file.subarray(at, at + piece)).map((packet) => Buffer.from(packet.bytes).toString("hex")));
        expect(out).toEqual(packets.map((packet) => Buffer.from(packet).toString("hex")));
        expect(decoder.atBoundary).toBe(true);
      }),
      runs,
    );
  });
});
