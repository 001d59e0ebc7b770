import { describe, expect, it } from "vitest";
import { NO_DECISIONS } from "../../test/derive/recorder.ts";
import { NOTHING_STORED } from "../derive/index.ts";
import { SiteWork } from "./site-work.ts";

describe("a site's work", () => {
  it("is due from the start, and again after what is decided while a step is under way", () => {
    const work = new SiteWork("t", "s", NOTHING_STORED);
    expect(work.dueAt).toBe(0);
    const step = work.derive(NO_DECISIONS, 1_000);
    work.due(0);
    if (step !== null) work.applied(step, 1_000);
    expect(work.dueAt).toBe(0);
    const next = work.derive(NO_DECISIONS, 2_000);
    if (next !== null) work.applied(next, 2_000);
    expect(work.dueAt).toBeNull();
  });
});
