import { defineConfig } from "vite";

export default defineConfig({
  // Below any path of any static host.
  base: "./",
  resolve: {
    conditions: ["carryover-source", "module", "browser", "production"],
  },
  esbuild: { jsx: "automatic", jsxDev: false },
  worker: { format: "es" },
  build: {
    target: "es2023",
    // Nothing inline: the page's policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2_000,
    reportCompressedSize: false,
  },
});
