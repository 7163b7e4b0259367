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
    // Each test file starts its own network and storage on free ports, so files can run side by side.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    allowOnly: false,
    restoreMocks: true,
  },
});
