import { describe, expect, it } from "vitest";
import { decisionsOf } from "./decisions.ts";
import { memoryLog } from "./testing/memory.ts";

describe("decisionsOf", () => {
  it("keeps what an earlier version of a profile said for the time before the later one", async () => {
    let now = 1_000;
    const log = await memoryLog(() => now);
    const declare = (services: string[]) =>
      log.append("t", "somebody", () => ({ kind: "profile", id: "p", body: { site: null, match: { model: "m" }, services, from: now } }));
    await declare(["tcp/80"]);
    now = 2_000;
    await declare(["tcp/443"]);
    expect(decisionsOf(log.view, "t", "s").profiles.map(({ from, services }) => ({ from, services }))).toEqual([
      { from: 1_000, services: ["tcp/80"] },
      { from: 2_000, services: ["tcp/443"] },
    ]);
    await log.append("t", "somebody", () => ({ kind: "profile", id: "p", body: null }));
    expect(decisionsOf(log.view, "t", "s").profiles).toEqual([]);
  });
});
