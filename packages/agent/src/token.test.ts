import fc from "fast-check";
import { expect, test } from "vitest";
import { parseToken, TokenError } from "./token.ts";

const text = (value: unknown) => `vdt1.${Buffer.from(JSON.stringify(value)).toString("base64url")}`;

test("a token names the centre, its CA and the secret", () => {
  const token = { grpc: "127.0.0.1:8421", ca: "MIIB", secret: "c2VjcmV0" };
  expect(parseToken(` ${text(token)}\n`)).toEqual(token);
});

test("anything else is refused in one sentence that does not repeat it", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((s) => `vdt1.${s}`),
        fc.json().map((j) => text(JSON.parse(j))),
      ),
      (t) => {
        try {
          parseToken(t);
          expect.unreachable();
        } catch (error) {
          expect(error).toBeInstanceOf(TokenError);
          if (t.length > 20) expect((error as Error).message).not.toContain(t);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
