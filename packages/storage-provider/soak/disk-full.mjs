// Fills a small disk. The right answers, nothing half kept, and recovery without a restart. Run through disk-full.sh.
import { randomBytes } from "node:crypto";
import { readdirSync, writeFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { authorize, call, check, sha256, startServer, upload } from "./lib.mjs";

const directory = process.argv[2];
const server = await startServer({ CARRYOVER_STORAGE_DIRECTORY: directory });
const stored = [];
try {
  let full;
  for (;;) {
    const bytes = randomBytes(3_000_000);
    const authorization = await authorize(server.url);
    const answer = await upload(authorization.uploadUrl, bytes);
    if (answer.status !== 201) {
      full = { answer, authorization };
      break;
    }
    stored.push({
      ...authorization,
      ...JSON.parse(answer.bytes),
      digest: sha256(bytes),
    });
  }
  check(full.answer.status === 507, `507, not ${full.answer.status}`);
  check(JSON.parse(full.answer.bytes).code === "full", "the code is full");
  check(
    readdirSync(join(directory, "incoming")).length === 0,
    "nothing half kept",
  );
  check(
    readdirSync(join(directory, "blobs")).length === stored.length,
    "only whole files",
  );
  console.log(`507 after ${stored.length} files`);

  // The last bytes too: not even a mark of 128 bytes can be written then.
  let rest = 0;
  for (let size = 1e6; size >= 1;) {
    try {
      writeFileSync(join(directory, "..", `rest${rest}`), Buffer.alloc(size));
      rest += 1;
    } catch {
      size = Math.floor(size / 2);
    }
  }
  const health = await call("GET", `${server.url}/healthz`);
  check(health.status === 507, `health says 507, not ${health.status}`);
  // Small files are gathered in memory and meet the disk at their end.
  const small = await upload(
    (await authorize(server.url)).uploadUrl,
    randomBytes(20_000),
  );
  check(small.status === 507, `507 for a small file, not ${small.status}`);
  check(
    readdirSync(join(directory, "incoming")).length === 0,
    "nothing of it is left",
  );
  const down = await call("GET", stored[0].downloadUrl);
  check(
    down.status === 200 && sha256(down.bytes) === stored[0].digest,
    "reading goes on",
  );
  const removed = await call("DELETE", stored[0].deleteUrl, {
    headers: { authorization: `Bearer ${stored[0].receiptKey}` },
  });
  check(
    removed.status === 204,
    `deleting works on a full disk, got ${removed.status}`,
  );
  check(
    (await call("GET", stored[0].downloadUrl)).status === 404,
    "it is gone",
  );
  check(
    (await upload(stored[0].uploadUrl, Buffer.from("x"))).status === 409,
    "its ticket is void",
  );
  const again = await upload(
    full.authorization.uploadUrl,
    randomBytes(1_000_000),
  );
  check(
    again.status === 201,
    `there is room again without a restart, got ${again.status}`,
  );
  for (let at = 0; at < rest; at += 1)
    unlinkSync(join(directory, "..", `rest${at}`));
  // An answer is kept for a second.
  await delay(1_100);
  check(
    (await call("GET", `${server.url}/healthz`)).status === 200,
    "health says 200 again",
  );
  console.log("passed: full disk");
} finally {
  await server.kill("SIGKILL");
}
