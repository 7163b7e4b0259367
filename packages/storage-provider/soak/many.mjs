// A thousand small uploads and downloads at the same time; then ten thousand expired files purged while requests go on.
// node soak/many.mjs
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createStorageProvider } from "../dist/index.js";
import {
  authorize,
  call,
  check,
  keepAlive,
  sha256,
  startServer,
  upload,
} from "./lib.mjs";

const directory = mkdtempSync(join(tmpdir(), "soak-many-"));
const percentile = (values, share) =>
  values
    .sort((a, b) => a - b)
    .at(Math.floor((values.length - 1) * share))
    .toFixed(1);

async function thousandAtOnce() {
  const server = await startServer({
    CARRYOVER_STORAGE_DIRECTORY: join(directory, "a"),
  });
  try {
    const tickets = await Promise.all(
      Array.from({ length: 1000 }, () =>
        authorize(server.url, { agent: keepAlive(1) }),
      ),
    );
    const files = tickets.map(() => randomBytes(10_000));
    const started = performance.now();
    const up = await Promise.all(
      tickets.map(({ uploadUrl }, at) => upload(uploadUrl, files[at])),
    );
    const upMs = performance.now() - started;
    check(
      up.every(({ status }) => status === 201),
      "every upload is answered 201",
    );
    const urls = up.map(({ bytes }) => JSON.parse(bytes).downloadUrl);
    const again = performance.now();
    const down = await Promise.all(urls.map((url) => call("GET", url)));
    const downMs = performance.now() - again;
    check(
      down.every(
        ({ status, bytes }, at) =>
          status === 200 && sha256(bytes) === sha256(files[at]),
      ),
      "every download is whole",
    );
    console.log(
      `passed: 1,000 at once, up in ${upMs.toFixed(0)} ms, down in ${downMs.toFixed(0)} ms`,
    );
  } finally {
    await server.kill("SIGKILL");
  }
}

async function purgeWhileServing() {
  let now = Date.now();
  const provider = await createStorageProvider({
    directory: join(directory, "b"),
    authorization: { mode: "open" },
    ticketSecret: randomBytes(32),
    clock: { nowMs: () => now },
    purgeEveryMs: 3_600_000,
    limits: { uploadsPerHour: 1e9, authorizationCallsPerHour: 1e9 },
  });
  try {
    const agent = keepAlive(32);
    const body = Buffer.from("x");
    for (let at = 0; at < 10_000; at += 100) {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const { uploadUrl } = await authorize(provider.url, { agent });
          check(
            (await upload(uploadUrl, body, { agent })).status === 201,
            "stored",
          );
        }),
      );
    }
    now += 80 * 3_600_000;
    const { uploadUrl } = await authorize(provider.url, { agent });
    const { downloadUrl } = JSON.parse(
      (await upload(uploadUrl, body, { agent })).bytes,
    );
    const measure = async (until) => {
      const times = [];
      while (!until(times.length)) {
        const started = performance.now();
        check(
          (await call("GET", downloadUrl, { agent })).status === 200,
          "served",
        );
        times.push(performance.now() - started);
      }
      return times;
    };
    const idle = await measure((count) => count >= 500);
    let report;
    const started = performance.now();
    provider.purge().then((done) => {
      report = { ...done, ms: performance.now() - started };
    });
    const busy = await measure(() => report !== undefined);
    check(report.removed === 10_000, `10,000 removed, not ${report.removed}`);
    check(
      readdirSync(join(directory, "b", "blobs")).length === 1,
      "one is left",
    );
    console.log(
      `passed: 10,000 purged in ${report.ms.toFixed(0)} ms; a request took (median, 99 %) ${percentile(idle, 0.5)}, ${percentile(idle, 0.99)} ms before, ${percentile(busy, 0.5)}, ${percentile(busy, 0.99)} ms during (${busy.length} requests)`,
    );
  } finally {
    await provider.close();
  }
}

try {
  await thousandAtOnce();
  await purgeWhileServing();
} finally {
  rmSync(directory, { recursive: true });
}
