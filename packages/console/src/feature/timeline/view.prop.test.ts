import type { Status, TimelineItem } from "@vedette/collector/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Lane, Segment } from "./lane.ts";
import { merged } from "./lane.ts";
import { boxesOf, MIN_SPAN_MS, panned, type Span, ticksOf, timeAt, within, xOf, zoomed } from "./view.ts";

const RUNS = { numRuns: 500 };
const status = fc.constantFrom<Status[]>("pass", "fail", "unknown", "notchecked", "notapplicable", "error");
const span = fc
  .tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: MIN_SPAN_MS, max: 1e9 }))
  .map(([from, width]): Span => ({ from, to: from + width }));

/** Ordered stretches without overlap, the last one open or not. */
const segments = fc
  .tuple(
    fc.array(fc.record({ gap: fc.integer({ min: 0, max: 3_000 }), long: fc.integer({ min: 1, max: 5_000 }), status }), { maxLength: 40 }),
    fc.boolean(),
  )
  .map(([parts, open]): Segment[] => {
    let at = 0;
    return parts.map(({ gap, long, status: s }, i) => {
      const from = at + gap;
      at = from + long;
      return {
        from,
        to: open && i === parts.length - 1 ? null : at,
        status: s,
        partly: false,
        decisive: { clause: String(i) } as TimelineItem,
      };
    });
  });

test("a window never leaves the bounds, whatever is done to it", () => {
  fc.assert(
    fc.property(
      span,
      span,
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      (bounds, start, factor, share) => {
        for (const next of [
          within(start, bounds),
          zoomed(start, factor, (start.from + start.to) / 2, bounds),
          panned(start, share, bounds),
        ]) {
          expect(next.from).toBeGreaterThanOrEqual(bounds.from - 1e-3);
          expect(next.to).toBeLessThanOrEqual(bounds.to + 1e-3);
          expect(next.to - next.from).toBeGreaterThanOrEqual(MIN_SPAN_MS - 1e-3);
        }
      },
    ),
    RUNS,
  );
});

test("place and time are each other's inverse", () => {
  fc.assert(
    fc.property(span, fc.double({ min: 0, max: 1_000, noNaN: true }), (s, x) => {
      expect(xOf(timeAt(x, s, 1_000), s, 1_000)).toBeCloseTo(x, 3);
    }),
    RUNS,
  );
});

test("boxes are ordered, do not overlap, and no failure that is seen is lost", () => {
  fc.assert(
    fc.property(segments, fc.integer({ min: 50, max: 1_200 }), (own, width) => {
      const seen = { from: 0, to: 60_000 };
      const lane: Lane = { key: "l", aspect: "system", clause: null, segments: own };
      const boxes = boxesOf(lane, seen, width);
      for (const [i, box] of boxes.entries()) {
        const before = boxes[i - 1];
        if (before !== undefined) expect(box.x).toBeGreaterThanOrEqual(before.x + before.width - 1e-6);
      }
      const fails = own.some((s) => s.status === "fail" && s.from < seen.to);
      expect(boxes.some((b) => b.segment.status === "fail")).toBe(fails);
    }),
    RUNS,
  );
});

test("merging one clause changes nothing but equal neighbours", () => {
  fc.assert(
    fc.property(segments, (own) => {
      const long = (list: readonly Segment[]) => list.reduce((sum, s) => sum + (s.to === null ? 0 : s.to - s.from), 0);
      expect(long(merged([own]))).toBe(long(own));
      expect(merged([own]).map((s) => s.status)).toEqual(own.map((s) => s.status));
    }),
    RUNS,
  );
});

test("ticks stand inside the window and keep their distance", () => {
  fc.assert(
    fc.property(span, fc.integer({ min: 200, max: 1_600 }), (s, width) => {
      const ticks = ticksOf(s, width, 90, 0);
      for (const [i, at] of ticks.entries()) {
        expect(at).toBeGreaterThanOrEqual(s.from);
        expect(at).toBeLessThanOrEqual(s.to);
        const before = ticks[i - 1];
        if (before !== undefined) expect(xOf(at, s, width) - xOf(before, s, width)).toBeGreaterThanOrEqual(89);
      }
    }),
    RUNS,
  );
});
