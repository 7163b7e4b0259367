import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { carryoverClientOptions, createCarryover } from "@carryover/xmtp-node";
import { Client } from "@xmtp/node-sdk";
import type { MemoryResult, MemoryTask } from "./memory-task.js";

// Answers or applies one request in a process of its own, and looks at its memory again and again, and at every report of
// progress. The SDK's own memory is its library's and no part of what is counted here: V8's heap and the buffers outside of
// it, after a collection, are what our part holds on to.

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const sampleEveryMs = 40;

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function run(task: MemoryTask): Promise<MemoryResult> {
  const client = await Client.build(
    { identifier: task.address, identifierKind: 0 },
    {
      env: "local",
      apiUrl: task.apiUrl,
      dbPath: task.databasePath,
      ...carryoverClientOptions(),
    },
  );
  const carryover = await createCarryover(client, {
    directory: task.directory,
    encryptionKey: task.encryptionKey,
    allowedStorageOrigins: [task.storageUrl],
  });
  await carryover.sync();
  const before = heldBytes();
  let peak = before;
  let samples = 0;
  let nextAt = 0;
  const look = () => {
    if (performance.now() < nextAt) return;
    peak = Math.max(peak, heldBytes());
    samples += 1;
    nextAt = performance.now() + sampleEveryMs;
  };
  const looking = setInterval(look, sampleEveryMs);
  if (task.side === "old")
    await carryover.respondToBackupRequest(task.requestId, "approve", {
      onProgress: look,
    });
  else
    await carryover.applyRemoteMessageHistoryBackup(task.requestId, {
      onProgress: look,
    });
  clearInterval(looking);
  await carryover.close();
  await client.close();
  return {
    heldBytes: peak - before,
    samples,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
}

process.once("message", (task: MemoryTask) => {
  run(task).then(
    (result) => process.send?.(result, undefined, {}, () => process.exit()),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
