// Writes a history into a Message Backup File and reads it back, both as streams, and says how much memory that took at
// most beyond the start. Usage, after `npm run build`: node --expose-gc packages/backup-file/scripts/memory.mjs 200 800
import { clearInterval, setInterval } from "node:timers";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { createNodePorts } from "../../xmtp-node/dist/backup-file-node/node-ports.js";
import {
  verifyMessageBackupFile,
  writeMessageBackupFile,
} from "../dist/index.js";
import { header, makeHistory } from "./history.mjs";

const BYTES_A_MESSAGE = 330;
const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const ports = createNodePorts();

for (const megabytes of process.argv.slice(2).map(Number)) {
  globalThis.gc?.();
  const start = process.memoryUsage().rss;
  let peak = 0;
  const sample = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss - start);
  }, 20);
  const { file, finished } = writeMessageBackupFile({
    header,
    elements: makeHistory(Math.round((megabytes * 1e6) / BYTES_A_MESSAGE)),
    recipients: [recipient],
    ports,
  });
  const { manifest } = await verifyMessageBackupFile({
    file,
    identities: [identity],
    ports,
  });
  const { sizeBytes } = await finished;
  clearInterval(sample);
  console.log(
    `${(manifest.elementBytes / 1e6).toFixed(0)} MB of elements, a file of ${(sizeBytes / 1e6).toFixed(0)} MB: at most ${(peak / 1e6).toFixed(0)} MB more than at the start`,
  );
}
