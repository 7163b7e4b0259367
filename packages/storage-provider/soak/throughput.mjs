// Up and down beside a plain node:http server that streams to disk and hashes, in one run: requests or bytes a second,
// the servers' processor time, and the most memory that each process had.
//
// A round moves the same files through every server in turn, slice by slice, so that what else the machine does falls on
// all of them; the ratio of a round is of sums over its slices. Shown are the middle rates and the middle ratio, and in
// brackets the smallest and the largest.
// node soak/throughput.mjs [rounds] [10kB|10MB|1GB ...]
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
const block = randomBytes(1_000_000);
const small = block.subarray(0, 10_000);
const sizes = [
  {
    label: "10 kB",
    bytes: 10_000,
    files: 2_000,
    slices: 4,
    parallel: 16,
    content: () => Buffer.from(small),
  },
  {
    label: "10 MB",
    bytes: 1e7,
    files: 60,
    slices: 6,
    parallel: 2,
    content: () => repeated(block, 10),
  },
  {
    label: "1 GB",
    bytes: 1e9,
    files: 1,
    slices: 1,
    parallel: 1,
    content: () => repeated(block, 1000),
  },
].filter(
  ({ label }) =>
    process.argv.length < 4 ||
    process.argv.slice(3).includes(label.replace(" ", "")),
);

const directory = mkdtempSync(join(tmpdir(), "soak-throughput-"));
const server = await startServer({
  CARRYOVER_STORAGE_DIRECTORY: join(directory, "ours"),
});
const plain = {};
for (const kind of ["plain", "fsync"]) plain[kind] = await startPlain(kind);

let agent;
/**
 * New connections: those that were idle during the others' turns may be closing. What the turn before left for the disk
 * to do later would be paid for in this one.
 */
function newTurn() {
  execFileSync("sync");
  agent?.destroy();
  agent = keepAlive(16);
}

/** Each way: how one file goes up (what is given back names it), comes down, and goes. */
const ways = {
  ours: {
    pid: server.pid,
    prepare: (count) =>
      Promise.all(
        Array.from({ length: count }, () => authorize(server.url, { agent })),
      ),
    up: async (content, ticket) => {
      const answer = await upload(ticket.uploadUrl, content(), { agent });
      check(answer.status === 201, `201, not ${answer.status}`);
      return {
        url: JSON.parse(answer.bytes).downloadUrl,
        headers: { authorization: `Bearer ${ticket.receiptKey}` },
      };
    },
  },
  ...Object.fromEntries(
    Object.entries(plain).map(([kind, { url, child }]) => [
      kind,
      {
        pid: child.pid,
        prepare: async (count) => Array.from({ length: count }),
        up: async (content) => {
          const answer = await call("POST", url, { body: content(), agent });
          check(answer.status === 201, `201, not ${answer.status}`);
          return { url: `${url}/${JSON.parse(answer.bytes).name}` };
        },
      },
    ]),
  ),
};
const names = Object.keys(ways);

try {
  for (const size of sizes) {
    for (const { pid } of Object.values(ways)) forgetPeak(pid);
    const results = [];
    for (let round = 0; round < rounds; round += 1) {
      results.push(await measureRound(size, round));
    }
    report(size, results);
  }
} finally {
  await server.kill("SIGKILL");
  for (const { child } of Object.values(plain)) child.kill("SIGKILL");
  rmSync(directory, { recursive: true });
}

/** @returns seconds and processor seconds of every server, up and down: `{ ours: { up: { seconds, cpuSeconds }, … }, … }` */
async function measureRound(size, round) {
  const perSlice = size.files / size.slices;
  const sums = Object.fromEntries(
    names.map((name) => [name, { up: nothing(), down: nothing() }]),
  );
  const stored = Object.fromEntries(names.map((name) => [name, []]));
  for (let slice = 0; slice < size.slices; slice += 1) {
    for (const name of turns(round + slice)) {
      const way = ways[name];
      newTurn();
      const tickets = await way.prepare(perSlice);
      const files = [];
      await timed(way.pid, sums[name].up, () =>
        each(size.parallel, tickets, async (ticket) => {
          files.push(await way.up(size.content, ticket));
        }),
      );
      stored[name].push(files);
    }
  }
  if (round === 0 && size.bytes < 1e9) {
    for (const name of names) await checkContent(size, stored[name][0][0]);
  }
  for (let slice = 0; slice < size.slices; slice += 1) {
    for (const name of turns(round + slice)) {
      newTurn();
      await timed(ways[name].pid, sums[name].down, () =>
        each(size.parallel, stored[name][slice], ({ url }) =>
          call("GET", url, { agent, consume: () => undefined }),
        ),
      );
    }
  }
  // Else the pages of old files fill the memory, and the last round is another than the first.
  for (const files of Object.values(stored)) {
    await each(4, files.flat(), async ({ url, headers }) => {
      const { status } = await call("DELETE", url, { agent, headers });
      check(status === 204, `204, not ${status}`);
    });
  }
  return sums;
}

async function checkContent(size, { url }) {
  const { bytes } = await call("GET", url, { agent });
  const whole = Buffer.concat(
    Array.from({ length: Math.max(1, size.bytes / block.byteLength) }, () =>
      size.bytes < block.byteLength ? small : block,
    ),
  );
  check(sha256(bytes) === sha256(whole), "what comes down is what went up");
}

function report({ label, bytes, files }, results) {
  for (const direction of ["up", "down"]) {
    const rates = (name) =>
      results.map((round) => (files * bytes) / round[name][direction].seconds);
    const show = (name) =>
      bytes < 1e6
        ? `${(median(rates(name)) / bytes).toFixed(0)}/s`
        : `${(median(rates(name)) / 1e6).toFixed(0)} MB/s`;
    const ratio = (name) => {
      const others = rates(name);
      const all = rates("ours").map((rate, at) => rate / others[at]);
      return `${median(all).toFixed(2)} x [${Math.min(...all).toFixed(2)}-${Math.max(...all).toFixed(2)}]`;
    };
    console.log(
      `${label} ${direction}: ours ${show("ours")}, plain ${show("plain")} (${ratio("plain")}), plain with fsync ${show("fsync")} (${ratio("fsync")})`,
    );
  }
  for (const direction of ["up", "down"]) {
    const cpu = (name) =>
      median(results.map((round) => round[name][direction].cpuSeconds));
    const show = (name) =>
      bytes < 1e6
        ? `${((cpu(name) / files) * 1e6).toFixed(0)} µs`
        : `${((cpu(name) / (files * bytes)) * 1e12).toFixed(0)} ms/GB`;
    console.log(
      `${label} ${direction}, processor: ours ${show("ours")}, plain ${show("plain")} (${(cpu("ours") / cpu("plain")).toFixed(2)} x), plain with fsync ${show("fsync")} (${(cpu("ours") / cpu("fsync")).toFixed(2)} x)`,
    );
  }
  const peak = (name) => `${(peakBytes(ways[name].pid) / 1e6).toFixed(0)} MB`;
  console.log(
    `${label} memory: ours ${peak("ours")}, plain ${peak("plain")}, plain with fsync ${peak("fsync")}`,
  );
}

async function startPlain(kind) {
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
  return await new Promise((resolve) => {
    child.stderr.on("data", (chunk) => {
      const match = /listening on (\S+)/.exec(chunk);
      if (match) resolve({ url: match[1], child });
    });
  });
}

/** Every server is first, second and third as often as the others. */
function turns(start) {
  return names.map((_name, at) => names[(at + start) % names.length]);
}

async function timed(pid, sum, work) {
  const cpuBefore = cpuSeconds(pid);
  const started = performance.now();
  await work();
  sum.seconds += (performance.now() - started) / 1000;
  sum.cpuSeconds += cpuSeconds(pid) - cpuBefore;
}

async function each(parallel, items, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (queue.length > 0) await work(queue.shift());
    }),
  );
}

/** Linux counts user and system time in hundredths of a second. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Linux: 5 forgets the largest resident size so far. */
function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function peakBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)[1]) * 1024;
}

function nothing() {
  return { seconds: 0, cpuSeconds: 0 };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function repeated(piece, count) {
  return (async function* () {
    for (let at = 0; at < count; at += 1) yield piece;
  })();
}
