import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const conditions = [
  "carryover-source",
  "module",
  "node",
  "development|production",
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    reporters: ["default", "./scripts/closing-line-reporter.mjs"],
    include: ["{packages,internal,apps}/*/src/**/*.test.ts"],
    globalSetup: ["./internal/chromium/src/share-builds.ts"],
    // Each test file starts its own network and storage on free ports, so files can run side by side.
    pool: "forks",
    // A third of their time they wait: for browsers, other processes, clocks.
    maxWorkers: availableParallelism() + 1,
    // For what hangs. What is waited for has a time of its own: see waitFor.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    allowOnly: false,
    restoreMocks: true,
  },
});
