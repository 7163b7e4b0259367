// What the tests need beside Node.js, installed where it is missing before they run side by side: Chromium, Redis, and an
// object store. Where it cannot be installed, one line says so, and the tests that need it say why.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { findChromium } from "../internal/chromium/dist/find-chromium.js";

const realServers = fileURLToPath(
  new URL("../packages/storage-provider/soak/real-servers.sh", import.meta.url),
);

try {
  await findChromium(() =>
    console.log("Installing Chromium for the tests: a minute or two ..."),
  );
} catch (error) {
  console.log(error.message);
}
for (const [name, server] of [
  ["Redis", "redis"],
  ["an object store", "object-store"],
]) {
  const { status, stderr } = spawnSync("sh", [realServers, "install", server], {
    encoding: "utf8",
  });
  if (status !== 0)
    console.log(
      `No ${name} for the tests: ${stderr?.trim().split("\n").at(-1) ?? "no shell"}`,
    );
}
