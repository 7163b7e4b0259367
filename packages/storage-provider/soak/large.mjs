// One file of many gigabytes up and down, and the memory that the service needs for it.
// node soak/large.mjs [gigabytes] [directory]
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { clearInterval, setInterval } from "node:timers";
import { authorize, call, check, mb, startServer, upload } from "./lib.mjs";

const gigabytes = Number(process.argv[2] ?? 5);
const directory = mkdtempSync(join(process.argv[3] ?? tmpdir(), "soak-large-"));
const server = await startServer({
  CARRYOVER_STORAGE_DIRECTORY: directory,
  CARRYOVER_STORAGE_MAX_BYTES: "64GiB",
});
const sampled = async (what, work) => {
  const samples = [];
  const timer = setInterval(() => samples.push(server.residentBytes()), 200);
  const started = performance.now();
  const result = await work();
  clearInterval(timer);
  const seconds = (performance.now() - started) / 1000;
  const bytes = gigabytes * 1e9;
  console.log(
    `${what}: ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, memory ${mb(samples[0])} at first, ${mb(Math.max(...samples))} at most, ${mb(samples.at(-1))} at last`,
  );
  return { result, peak: Math.max(...samples) };
};
try {
  const block = randomBytes(1_000_000);
  const sent = createHash("sha256");
  const content = async function* () {
    for (let at = 0; at < gigabytes * 1000; at += 1) {
      block.writeUInt32BE(at);
      // Held by the socket until it is sent, so each block is a copy.
      const copy = Buffer.from(block);
      sent.update(copy);
      yield copy;
    }
  };
  // A megabyte first: what the process needs at all.
  const small = await upload((await authorize(server.url)).uploadUrl, block);
  check(small.status === 201, "a megabyte is stored");
  const before = server.residentBytes();
  const { uploadUrl } = await authorize(server.url);
  const up = await sampled("up", () => upload(uploadUrl, content()));
  check(up.result.status === 201, `201, not ${up.result.status}`);
  const told = JSON.parse(up.result.bytes);
  check(told.sha256 === sent.digest("hex"), "the digest is right");
  const received = createHash("sha256");
  const down = await sampled("down", () =>
    call("GET", told.downloadUrl, {
      consume: (chunk) => received.update(chunk),
    }),
  );
  check(
    received.digest("hex") === told.sha256,
    "what comes down is what went up",
  );
  console.log(
    `passed: ${gigabytes} GB; memory over that after 1 MB (${mb(before)}): up ${mb(up.peak - before)}, down ${mb(down.peak - before)}`,
  );
} finally {
  await server.kill("SIGKILL");
  rmSync(directory, { recursive: true });
}
