import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../control/policy.ts";
import { policy } from "./kinds.ts";

const DAY = 86_400_000;

describe("a policy", () => {
  it("takes no interval that an agent could not be told", () => {
    const every = (sweep: number) => policy.safeParse({ ...defaultPolicy(), intervals: { sweep } });
    expect(every(49 * DAY).success).toBe(true);
    expect(49 * DAY).toBeLessThan(2 ** 32);
    expect(every(50 * DAY).error?.issues.map((issue) => issue.path)).toEqual([["intervals", "sweep"]]);
  });
});
