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
    include: ["src/soak/*.soak.ts"],
    globalSetup: ["src/soak/create-bucket.ts"],
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    allowOnly: false,
  },
});
