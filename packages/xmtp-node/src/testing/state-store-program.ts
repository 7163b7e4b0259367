import { CarryoverError } from "@carryover/client";
import { createStateStore } from "../state-store.js";

// Run by tests in a process of its own.
// save DIRECTORY: saves records 1, 2, 3, … without end, and tells of each when it is durable.
// take DIRECTORY: waits for a message, then tries to open, tells how that went, and keeps what it has.

const [task, directory = ""] = process.argv.slice(2);

const open = () =>
  createStateStore({
    directory,
    encryptionKey: new Uint8Array(32).fill(1),
    installationId: "a".repeat(64),
  });

async function saveForEver(): Promise<void> {
  const store = await open();
  for (let number = 1; ; number += 1) {
    // Of all sizes, so that some are written in one go and some are not.
    const record = new Uint8Array(4 + ((number * 7_919_033) % 12_000_000)).fill(
      number % 251,
    );
    new DataView(record.buffer).setUint32(0, number);
    await store.save(record);
    process.send?.(number);
  }
}

async function take(): Promise<void> {
  // Stays until it is killed.
  setInterval(() => undefined, 60_000);
  process.send?.("ready");
  await new Promise((resolve) => process.once("message", resolve));
  try {
    await open();
    process.send?.("taken");
  } catch (error) {
    process.send?.(error instanceof CarryoverError ? error.code : "bug");
  }
}

await (task === "save" ? saveForEver() : take());
