import { defineConfig } from "vitest/config";

// Three projects, cheapest first: unit needs nothing but Node; lab and e2e start real servers and are run one file at a time.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/{kit,site,docs,bench}/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "lab", include: ["test/lab/**/*.test.ts"], testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], testTimeout: 600_000, hookTimeout: 300_000, fileParallelism: false } },
    ],
  },
});
