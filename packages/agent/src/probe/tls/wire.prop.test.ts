import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeClientHello, TLS13 } from "./client-hello.ts";
import { oidText, outlineOf } from "./der.ts";
import { Reader, uint, vector, WireError } from "./reader.ts";
import { certificates, message, record, serverHello } from "./scripted-server.ts";
import { encodeSsl2Hello, isSsl2ServerHello } from "./ssl2.ts";
import { bitLength, decodeCertificates, decodeKeyExchange, decodeServerHello, FlightDecoder } from "./wire.ts";

const runs = { numRuns: 1_000 };
const bytes = fc.uint8Array({ maxLength: 300 });
const u16 = fc.nat(0xffff);

function orRefuses(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
}

describe("arbitrary bytes are decoded or refused", () => {
  test("records and messages", () => {
    const recordLike = fc
      .array(fc.tuple(fc.constantFrom(20, 21, 22, 23), bytes), { maxLength: 4 })
      .map((list) => Buffer.concat(list.map(([type, body]) => record(type, 0x0303, Buffer.from(body)))));
    fc.assert(
      fc.property(fc.oneof(bytes, recordLike), (input) => orRefuses(() => new FlightDecoder().push(input))),
      runs,
    );
  });
  test("ServerHello", () => {
    const helloLike = fc
      .tuple(bytes, u16)
      .map(([tail, suite]) => Buffer.concat([serverHello({ version: 0x0303, suite }).subarray(4), tail]));
    fc.assert(
      fc.property(fc.oneof(bytes, helloLike), (input) => orRefuses(() => decodeServerHello(input))),
      runs,
    );
  });
  test("Certificate", () => {
    fc.assert(
      fc.property(bytes, (input) => orRefuses(() => decodeCertificates(input))),
      runs,
    );
  });
  test("ServerKeyExchange", () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom("ec" as const, "dh" as const), fc.boolean(), (input, form, hint) =>
        orRefuses(() => decodeKeyExchange(input, form, hint)),
      ),
      runs,
    );
  });
  test("SSL 2.0 answers never throw", () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect([true, false, undefined]).toContain(isSsl2ServerHello(input));
      }),
      runs,
    );
  });
  test("certificates in DER never throw", () => {
    const derLike = fc
      .array(fc.tuple(fc.constantFrom(0x30, 0x02, 0x06, 0x17, 0xa0), fc.uint8Array({ maxLength: 30 })), { maxLength: 8 })
      .map((list) => {
        const inner = Buffer.concat(list.map(([tag, body]) => Buffer.concat([Buffer.from([tag, body.length]), body])));
        return Buffer.concat([Buffer.from([0x30, 0x82, inner.length >> 8, inner.length & 0xff]), inner]);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          derLike,
          derLike.map((one) => Buffer.concat([Buffer.from([0x30, 0x82, one.length >> 8, one.length & 0xff]), one])),
        ),
        (input) => typeof outlineOf(input).malformed === "string",
      ),
      runs,
    );
  });
});

describe("round trips", () => {
  test("a flight gives its messages back, however it is cut", () => {
    const messages = fc.array(fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 80 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (list, fragment, piece) => {
        const whole = Buffer.concat(list.map(([type, body]) => message(type, Buffer.from(body))));
        const stream = Buffer.concat(
          Array.from({ length: Math.ceil(whole.length / fragment) }, (_, i) =>
            record(22, 0x0303, whole.subarray(i * fragment, (i + 1) * fragment)),
          ),
        );
        const decoder = new FlightDecoder();
        const out: [number, string][] = [];
        for (let at = 0; at < stream.length; at += piece) {
          for (const found of decoder.push(stream.subarray(at, at + piece))) {
            if (found.kind === "message") out.push([found.message.type, Buffer.from(found.message.body).toString("hex")]);
          }
        }
        expect(out).toEqual(list.map(([type, body]) => [type, Buffer.from(body).toString("hex")]));
      }),
      runs,
    );
  });

  test("a ServerHello says what was put into it", () => {
    fc.assert(
      fc.property(u16, fc.nat(255), fc.option(u16, { nil: undefined }), fc.boolean(), (suite, compression, group, secure) => {
        const extensions: [number, Buffer][] = [];
        if (group !== undefined) extensions.push([51, Buffer.from(uint(group, 2))]);
        if (secure) extensions.push([0xff01, Buffer.from([0])]);
        const decoded = decodeServerHello(serverHello({ version: 0x0302, suite, compression, extensions }).subarray(4));
        expect(decoded).toMatchObject({ version: 0x0302, suite, compression, retry: false, secureRenegotiation: secure });
        expect(decoded.group).toBe(group);
      }),
      runs,
    );
  });

  test("a chain comes back as sent", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 }), (chain) => {
        const decoded = decodeCertificates(certificates(...chain.map((der) => Buffer.from(der))).subarray(4));
        expect(decoded.map((der) => Buffer.from(der).toString("hex"))).toEqual(chain.map((der) => Buffer.from(der).toString("hex")));
      }),
      runs,
    );
  });

  test("a ClientHello is well formed and offers exactly what was asked", () => {
    const random = new Uint8Array(64).fill(5);
    fc.assert(
      fc.property(
        fc.constantFrom(0x0300, 0x0301, 0x0302, 0x0303, 0x0304),
        fc.uniqueArray(
          fc.nat(0xfffe).filter((id) => id !== 0xff),
          { maxLength: 64 },
        ),
        fc.array(u16, { maxLength: 40 }),
        (version, suites, groups) => {
          const bytes = encodeClientHello({ version, suites, groups }, random);
          const outer = new Reader(bytes);
          expect(outer.uint(1)).toBe(22);
          outer.uint(2);
          const handshake = new Reader(outer.vector(2));
          expect(outer.left).toBe(0);
          expect(handshake.uint(1)).toBe(1);
          const hello = new Reader(handshake.vector(3));
          expect(hello.uint(2)).toBe(Math.min(version, 0x0303));
          hello.take(32);
          expect(hello.vector(1).length).toBe(version >= TLS13 ? 32 : 0);
          const list = new Reader(hello.vector(2));
          const offered: number[] = [];
          while (list.left > 0) offered.push(list.uint(2));
          expect(offered.filter((suite) => suite !== 0xff)).toEqual(suites);
          hello.vector(1);
          if (version > 0x0300) {
            const extensions = new Reader(hello.vector(2));
            while (extensions.left > 0) {
              extensions.uint(2);
              extensions.vector(2);
            }
          }
          expect(hello.left).toBe(0);
          // RFC 7685: no hello of 256 to 511 bytes, where extensions can fill it up.
          const length = bytes.length - 5;
          if (version > 0x0300) expect(length < 256 || length >= 512).toBe(true);
        },
      ),
      runs,
    );
  });

  test("numbers, vectors, bits and object identifiers", () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), bytes, fc.bigInt({ min: 1n, max: 2n ** 600n }), (number, body, big) => {
        expect(new Reader(new Uint8Array(uint(number, 4))).uint(4)).toBe(number);
        expect(new Reader(vector(2, body)).vector(2)).toEqual(body);
        const hex = big.toString(16);
        expect(bitLength(Buffer.from(hex.padStart(hex.length + (hex.length % 2) + 2, "0"), "hex"))).toBe(big.toString(2).length);
      }),
      runs,
    );
    expect(oidText(Buffer.from("2a864886f70d01010b", "hex"))).toBe("1.2.840.113549.1.1.11");
  });

  test("an SSL 2.0 hello tells its own length", () => {
    const hello = encodeSsl2Hello(new Uint8Array(16));
    expect(new Reader(hello).uint(2) & 0x7fff).toBe(hello.length - 2);
    // A hello is no answer.
    expect(isSsl2ServerHello(hello)).toBe(false);
  });
});
