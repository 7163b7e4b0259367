// kill -9 during uploads, again and again. After each restart: what was answered 201 is there and whole, every other
// ticket either finds a whole file (it was kept, but the answer was lost) or is still good, and nothing else is there.
// node soak/kill.mjs [rounds]
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  authorize,
  call,
  check,
  keepAlive,
  random,
  sha256,
  startServer,
  upload,
} from "./lib.mjs";

const rounds = Number(process.argv[2] ?? 200);
const directory = mkdtempSync(join(tmpdir(), "soak-kill-"));
const env = { CARRYOVER_STORAGE_DIRECTORY: directory };
const kept = new Map();
const totals = { answered: 0, keptUnanswered: 0, lost: 0, sweptFiles: 0 };
const agent = keepAlive(64);
let server = await startServer(env);

const verify = async (id, digest) => {
  const down = await call("GET", `${server.url}/backups/${id}`, { agent });
  check(down.status === 200, `a kept file answers 200, not ${down.status}`);
  check(sha256(down.bytes) === digest, "a kept file is whole");
};

try {
  for (let round = 1; round <= rounds; round += 1) {
    const uploads = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const bytes = randomBytes(
          random(1, 10) === 1 ? random(1e6, 8e6) : random(1, 200_000),
        );
        const { uploadUrl } = await authorize(server.url, { agent });
        return { uploadUrl, bytes, digest: sha256(bytes), answer: undefined };
      }),
    );
    const running = uploads.map(async (each) => {
      try {
        each.answer = await upload(each.uploadUrl, each.bytes);
      } catch {
        // The connection broke: that is what the kill is for.
      }
    });
    await delay(random(0, 60));
    await server.kill("SIGKILL");
    await Promise.all(running);
    totals.sweptFiles += readdirSync(join(directory, "incoming")).length;
    const { port } = new URL(server.url);
    server = await startServer({ ...env, CARRYOVER_STORAGE_PORT: port });
    check(
      readdirSync(join(directory, "incoming")).length === 0,
      "no temporary file remains",
    );
    for (const { uploadUrl, answer, digest } of uploads) {
      const again = await call("POST", uploadUrl, { agent });
      const told = JSON.parse(again.bytes);
      if (answer?.status === 201) {
        check(
          again.status === 409 && told.sha256 === digest,
          "an answered upload is told again",
        );
        totals.answered += 1;
      } else if (again.status === 409) {
        check(
          told.sha256 === digest,
          "an unanswered file that is there is the whole file",
        );
        totals.keptUnanswered += 1;
      } else {
        check(
          again.status === 415,
          `an unused ticket is good, got ${again.status}`,
        );
        totals.lost += 1;
        continue;
      }
      const id = told.downloadUrl.split("/").at(-1);
      kept.set(id, digest);
      await verify(id, digest);
    }
    check(
      readdirSync(join(directory, "blobs")).sort().join() ===
        [...kept.keys()].sort().join(),
      "nothing else is there",
    );
    if (round % 20 === 0) console.log(`${round} kills`, JSON.stringify(totals));
  }
  for (const [id, digest] of kept) await verify(id, digest);
  console.log(
    `passed: ${rounds} kills, ${kept.size} files whole`,
    JSON.stringify(totals),
  );
} finally {
  await server.kill("SIGKILL");
  rmSync(directory, { recursive: true });
}
