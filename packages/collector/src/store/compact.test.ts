import { expect, it } from "vitest";
import { compactOf } from "./compact.ts";
import type { ObservationRow } from "./observation-row.ts";
import { toWire } from "./time.ts";

const at = Date.UTC(2026, 2, 3);
const rowOf = (wallMs: number, offset: number | null) =>
  ({
    wall_at: toWire(wallMs),
    offset_ms: offset,
    stored_at: toWire(at),
    fault_code: "",
    facts: "",
    facts_hash: "",
    confirm_epoch: "",
  }) as ObservationRow;

it("corrects the wall clock of a look by its offset, and never to before 1970", () => {
  expect(compactOf(rowOf(at, null), 0).wallAt).toBe(at);
  expect(compactOf(rowOf(at, -500), 0).wallAt).toBe(at - 500);
  expect(compactOf(rowOf(1_000, -2_000), 0).wallAt).toBe(0);
});
