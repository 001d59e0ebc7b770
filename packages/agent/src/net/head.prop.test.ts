import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHead, parseStatusLine } from "./head.ts";
import { WireError } from "./wire-error.ts";

const piece = fc.oneof(fc.string(), fc.constantFrom("\r\n", "\n", ":", " ", "HTTP/1.1 200 OK", "\r\n ", "Server: x"));

test("any bytes give a head or a WireError", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
      try {
        const head = parseHead(Buffer.from(parts.join("")));
        for (const f of head.fields) expect(f.name).toBe(f.name.toLowerCase());
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 1000 },
  );
});

test("fields come back as they were sent", () => {
  const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
  fc.assert(
    fc.property(fc.array(fc.record({ name: token, value }), { maxLength: 20 }), fc.constantFrom("\n", "\r\n"), (fields, end) => {
      const text = ["RTSP/1.0 200 OK", ...fields.map((f) => `${f.name}: ${f.value}`), "", ""].join(end);
      expect(parseHead(Buffer.from(text)).fields).toEqual(fields);
    }),
    { numRuns: 1000 },
  );
});

test("any first line gives a status of three digits or a WireError", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((s) => `HTTP/1.1 ${s}`),
        fc.nat(2000).map((n) => `HTTP/1.0 ${n} x`),
      ),
      (line) => {
        try {
          const { status } = parseStatusLine(line, "HTTP");
          expect(status >= 100 && status <= 999).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
