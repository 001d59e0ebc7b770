import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readTokenText, tokenText } from "../service/token/text.ts";
import { enrolmentTokenText, newEnrolmentSecret, readEnrolmentSecret } from "./enrolment-token.ts";
import { Nonces } from "./nonce.ts";

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString("base64url"));

describe("token texts", () => {
  it("say again what was put in", () => {
    fc.assert(
      fc.property(id, id, secret, (tenant, name, random) => {
        const parts = { tenant, id: name, secret: random };
        expect(readEnrolmentSecret(enrolmentTokenText(parts, "localhost:8421", Buffer.from("ca")))).toEqual(parts);
        expect(readTokenText(tokenText(parts))).toEqual(parts);
      }),
    );
  });

  it("are refused, never thrown at, when they are anything else", () => {
    const whole = enrolmentTokenText(newEnrolmentSecret("t", "e"), "localhost:1", Buffer.alloc(300));
    const hostile = fc.oneof(
      fc.string({ maxLength: 300 }),
      fc.string({ maxLength: 300 }).map((text) => `vdt1.${text}`),
      fc.jsonValue().map((json) => `vdt1.${Buffer.from(JSON.stringify(json)).toString("base64url")}`),
      fc.nat({ max: whole.length - 60 }).map((n) => whole.slice(0, n)),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(readEnrolmentSecret(text)).toBeNull();
        expect(readTokenText(text)).toBeNull();
      }),
      { numRuns: 1_000 },
    );
    expect(readEnrolmentSecret("A".repeat(1_000_000))).toBeNull();
  });
});

describe("nonces", () => {
  it("are good for their agent and their time alone", () => {
    let now = 1_000_000;
    const nonces = new Nonces(createHash("sha256").update("key").digest(), () => now);
    const nonce = nonces.issue("a");
    expect([nonces.valid("a", nonce), nonces.valid("b", nonce)]).toEqual([true, false]);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }),
          fc.constant(null).map(() => randomBytes(nonce.length)),
        ),
        (bytes) => {
          expect(nonces.valid("a", bytes)).toBe(false);
        },
      ),
      { numRuns: 1_000 },
    );
    now += 121_000;
    expect(nonces.valid("a", nonce)).toBe(false);
  });
});
