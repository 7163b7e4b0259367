// Up and down beside a plain node:http server that streams to disk and hashes, in one run, turn by turn: requests or
// bytes a second, and the most memory that each process had.
// node soak/throughput.mjs [rounds]
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import {
  authorize,
  call,
  check,
  keepAlive,
  sha256,
  startServer,
  upload,
} from "./lib.mjs";

const rounds = Number(process.argv[2] ?? 5);
const directory = mkdtempSync(join(tmpdir(), "soak-throughput-"));
const server = await startServer({
  CARRYOVER_STORAGE_DIRECTORY: join(directory, "ours"),
});
const plain = {};
for (const kind of ["plain", "fsync"]) {
  mkdirSync(join(directory, kind));
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("plain-server.mjs", import.meta.url)),
      join(directory, kind),
      kind,
    ],
    { stdio: ["ignore", "inherit", "pipe"] },
  );
  plain[kind] = await new Promise((resolve) => {
    child.stderr.on("data", (chunk) => {
      const match = /listening on (\S+)/.exec(chunk);
      if (match) resolve({ url: match[1], child });
    });
  });
}
const median = (values) =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
// New for every turn: connections that were idle during the others' turns may be closing. What the turn before left for
// the disk to do later would be paid for in this one.
let agent = keepAlive(16);
const newTurn = () => {
  execFileSync("sync");
  agent.destroy();
  agent = keepAlive(16);
};
const processes = {
  ours: server.pid,
  ...Object.fromEntries(
    Object.entries(plain).map(([kind, { child }]) => [kind, child.pid]),
  ),
};
// Linux: 5 forgets the largest resident size so far.
const forgetPeak = (pid) => writeFileSync(`/proc/${pid}/clear_refs`, "5");
const peakBytes = (pid) =>
  Number(
    /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1],
  ) * 1024;
const repeated = (block, count) =>
  (async function* () {
    for (let at = 0; at < count; at += 1) yield block;
  })();

async function timed(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** Each way: how one file goes up (giving its address) and comes down. */
const ways = {
  ours: {
    prepare: (count) =>
      Promise.all(
        Array.from({ length: count }, () => authorize(server.url, { agent })),
      ),
    up: async (content, ticket) => {
      const answer = await upload(ticket.uploadUrl, content(), { agent });
      check(answer.status === 201, `201, not ${answer.status}`);
      return JSON.parse(answer.bytes).downloadUrl;
    },
  },
  ...Object.fromEntries(
    Object.entries(plain).map(([kind, { url }]) => [
      kind,
      {
        prepare: async (count) => Array.from({ length: count }),
        up: async (content) => {
          const answer = await call("POST", url, { body: content(), agent });
          check(answer.status === 201, `201, not ${answer.status}`);
          return `${url}/${JSON.parse(answer.bytes).name}`;
        },
      },
    ]),
  ),
};

try {
  const block = randomBytes(1_000_000);
  const small = block.subarray(0, 10_000);
  for (const [label, count, parallel, bytes, content] of [
    ["10 kB", 2_000, 16, 10_000, () => Buffer.from(small)],
    ["10 MB", 20, 2, 1e7, () => repeated(block, 10)],
    ["1 GB", 1, 1, 1e9, () => repeated(block, 1000)],
  ]) {
    const results = {};
    for (const pid of Object.values(processes)) forgetPeak(pid);
    for (
      let round = 0;
      round < (bytes === 1e9 ? Math.min(rounds, 3) : rounds);
      round += 1
    ) {
      const names = Object.keys(ways);
      const turns = names.map(
        (_name, at) => names[(at + round) % names.length],
      );
      for (const name of turns) {
        const way = ways[name];
        newTurn();
        const tickets = await way.prepare(count);
        const urls = [];
        const each = async (items, work) => {
          const queue = items.map((item, at) => [item, at]);
          await Promise.all(
            Array.from({ length: parallel }, async () => {
              for (let next = queue.shift(); next; next = queue.shift())
                await work(...next);
            }),
          );
        };
        const up = await timed(() =>
          each(tickets, async (ticket, at) => {
            urls[at] = await way.up(content, ticket);
          }),
        );
        if (round === 0 && bytes < 1e9) {
          const { bytes: got } = await call("GET", urls[0], { agent });
          check(
            got.byteLength === bytes &&
              (bytes > 1e4 || sha256(got) === sha256(small)),
            "what comes down is right",
          );
        }
        newTurn();
        const down = await timed(() =>
          each(urls, (url) =>
            call("GET", url, { agent, consume: () => undefined }),
          ),
        );
        (results[name] ??= { up: [], down: [] }).up.push((count * bytes) / up);
        results[name].down.push((count * bytes) / down);
      }
    }
    for (const direction of ["up", "down"]) {
      const rate = (name) => median(results[name][direction]);
      const show = (name) =>
        bytes === 10_000
          ? `${(rate(name) / bytes).toFixed(0)}/s`
          : `${(rate(name) / 1e6).toFixed(0)} MB/s`;
      console.log(
        `${label} ${direction}: ours ${show("ours")}, plain ${show("plain")} (${(rate("ours") / rate("plain")).toFixed(2)} x), plain with fsync ${show("fsync")} (${(rate("ours") / rate("fsync")).toFixed(2)} x)`,
      );
    }
    const peak = (name) =>
      `${(peakBytes(processes[name]) / 1e6).toFixed(0)} MB`;
    console.log(
      `${label} memory: ours ${peak("ours")}, plain ${peak("plain")}, plain with fsync ${peak("fsync")}`,
    );
  }
} finally {
  await server.kill("SIGKILL");
  for (const { child } of Object.values(plain)) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
}
