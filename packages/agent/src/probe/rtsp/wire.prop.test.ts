import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSdp } from "./wire.ts";

test("any body gives at most 32 media of well-formed text", () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom("v=0\r\n", "m=", "a=rtpmap:", "96 H264/90000", "\r\n", " ", "m=video 0 RTP/AVP 96\r\n"),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (parts) => {
      const media = parseSdp(Buffer.from(parts.join("")));
      expect(media.length).toBeLessThanOrEqual(32);
      for (const m of media) for (const e of m.encodings) expect(e.length).toBeLessThanOrEqual(32);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(Array.isArray(parseSdp(bytes))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
