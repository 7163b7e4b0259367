// The writer and the reader beside `gzip | age` and `age -d | gunzip` on the same bytes, in turns, in processes of their
// own. Needs age and gzip on the PATH. Usage, after `npm run build`:
//   node packages/backup-file/scripts/throughput.mjs [messages] [gzip level] [rounds]
import { execFileSync, spawnSync } from "node:child_process";
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import {
  Decrypter,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { createNodePorts } from "../../xmtp-node/dist/backup-file-node/node-ports.js";
import {
  elementRecord,
  readMessageBackupFile,
  verifyMessageBackupFile,
  writeMessageBackupFile,
} from "../dist/index.js";
import { header, makeHistory } from "./history.mjs";

const self = fileURLToPath(import.meta.url);
const [mode = "200000", level = "3", rounds = "5", folder, recipient] =
  process.argv.slice(2);

/** The elements of the plain form, as one buffer and where each begins. */
const plainElements = async (dir) => {
  const elements = [];
  const reader = await readMessageBackupFile({
    file: Readable.toWeb(createReadStream(join(dir, "ours.age"))),
    identities: [readFileSync(join(dir, "key"), "utf8").trim()],
    ports: createNodePorts(),
  });
  for await (const { bytes } of reader.elements) elements.push(bytes.slice());
  return elements;
};
/** Five runs in one process, so that what is measured is not the start of a virtual machine; the best is printed. */
const best = async (run) => {
  let least = Infinity;
  for (let i = 0; i < 5; i += 1) {
    const start = performance.now();
    await run();
    least = Math.min(least, performance.now() - start);
  }
  console.log(least);
};

if (mode === "write") {
  const elements = await plainElements(folder);
  await best(async () => {
    const { file } = writeMessageBackupFile({
      header,
      elements: elements.map(elementRecord),
      recipients: [recipient],
      ports: createNodePorts({ gzipLevel: Number(level) }),
    });
    await pipeline(
      Readable.fromWeb(file),
      createWriteStream(join(folder, "again.age")),
    );
  });
} else if (mode === "read") {
  const identity = readFileSync(join(folder, "key"), "utf8").trim();
  await best(() =>
    verifyMessageBackupFile({
      file: Readable.toWeb(
        createReadStream(join(folder, "ours.age"), { highWaterMark: 262_144 }),
      ),
      identities: [identity],
      ports: createNodePorts(),
    }),
  );
} else {
  const dir = mkdtempSync(join(tmpdir(), "throughput-"));
  try {
    const identity = await generateX25519Identity();
    const to = await identityToRecipient(identity);
    writeFileSync(join(dir, "key"), `${identity}\n`, { mode: 0o600 });
    const { file, finished } = writeMessageBackupFile({
      header,
      elements: makeHistory(Number(mode)),
      recipients: [to],
      ports: createNodePorts({ gzipLevel: Number(level) }),
    });
    await pipeline(
      Readable.fromWeb(file),
      createWriteStream(join(dir, "ours.age")),
    );
    const { manifest, sizeBytes } = await finished;

    // First the result: the plain tools see the very bytes that went in.
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const plain = gunzipSync(
      await decrypter.decrypt(readFileSync(join(dir, "ours.age"))),
    );
    writeFileSync(join(dir, "plain"), plain);
    const seen = execFileSync("bash", [
      "-c",
      `age -d -i ${dir}/key ${dir}/ours.age | gunzip | cmp - ${dir}/plain && echo same`,
    ]);
    if (!String(seen).includes("same"))
      throw new Error("the tools see something else");

    const tool = (command) => {
      const start = performance.now();
      const { status } = spawnSync(
        "bash",
        ["-c", `set -o pipefail; ${command}`],
        { cwd: dir },
      );
      if (status !== 0) throw new Error(`failed: ${command}`);
      return performance.now() - start;
    };
    const ours = (what) =>
      Number(execFileSync(process.execPath, [self, what, level, "1", dir, to]));
    const measured = {
      write: [],
      "gzip | age": [],
      read: [],
      "age -d | gunzip": [],
    };
    for (let i = 0; i < Number(rounds); i += 1) {
      measured.write.push(ours("write"));
      measured["gzip | age"].push(
        Math.min(
          ...Array.from({ length: 3 }, () =>
            tool(`gzip -${level} -c plain | age -r ${to} > tools.age`),
          ),
        ),
      );
      measured.read.push(ours("read"));
      measured["age -d | gunzip"].push(
        Math.min(
          ...Array.from({ length: 3 }, () =>
            tool("age -d -i key tools.age | gunzip > plain.again"),
          ),
        ),
      );
    }
    const archive = manifest.elementBytes + manifest.elementCount * 20;
    console.log(
      `${manifest.elementCount} elements, ${(plain.length / 1e6).toFixed(1)} MB plain; file ${(sizeBytes / 1e6).toFixed(1)} MB, ${(sizeBytes / archive).toFixed(3)} of an XMTP archive; tools' file ${(statSync(join(dir, "tools.age")).size / 1e6).toFixed(1)} MB`,
    );
    const speed = {};
    for (const [what, times] of Object.entries(measured)) {
      const median = times.sort((a, b) => a - b)[times.length >> 1];
      speed[what] = plain.length / 1e3 / median;
      console.log(`${what.padEnd(16)} ${speed[what].toFixed(0)} MB/s`);
    }
    console.log(
      `writer ${(speed.write / speed["gzip | age"]).toFixed(2)} x, reader ${(speed.read / speed["age -d | gunzip"]).toFixed(2)} x`,
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
