// Runs one TypeScript module of this repository from its source, in a process of its own.
import { resolve } from "node:path";
import { createServer } from "vite";

const [entry = ""] = process.argv.slice(2);
const server = await createServer({
  configFile: new URL("../../../../../vitest.config.ts", import.meta.url)
    .pathname,
  root: new URL("../../../../../", import.meta.url).pathname,
  logLevel: "silent",
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
await server.ssrLoadModule(resolve(entry));
await server.close();
// The SDK's threads would keep the process alive.
process.exit();
