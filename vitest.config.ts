import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// What waits or counts for long stands apart from the quick gate: histories by the hundred, heaps that are measured, files that must be on the disk, processes that are killed, and all that listens to multicast, whose files would hear each other.
const SLOW = [
  "packages/collector/src/{bucket,derive}/*.prop.test.ts",
  "packages/collector/src/bucket/memory.test.ts",
  "packages/agent/test/**/*.test.ts",
  "packages/agent/src/probe/{mdns,ssdp,wsd}/probe.test.ts",
  "packages/agent/src/{discover,outbox}/*.test.ts",
  "test/site/**/*.test.ts",
];

// Four projects, cheapest first: unit needs nothing but Node, slow too but runs for longer, lab and e2e start real servers. All but unit run one file at a time.
export default defineConfig({
  test: {
    // Most of a unit test's time is spent waiting for a deadline or a socket, not for the processor.
    maxWorkers: 2 * availableParallelism(),
    projects: [
      {
        test: {
          name: "unit",
          // Files share a process, so a test leaves no timer, socket or changed module behind; it halves the time.
          isolate: false,
          include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/{kit,docs,chaos,bench}/**/*.test.ts"],
          exclude: [...SLOW, "**/node_modules/**"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "slow", include: SLOW, testTimeout: 60_000, fileParallelism: false } },
      { test: { name: "lab", include: ["test/lab/**/*.test.ts"], testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // Servers, a browser and a whole site share the machine.
          expect: { poll: { timeout: 20_000 } },
          fileParallelism: false,
        },
      },
    ],
  },
});
