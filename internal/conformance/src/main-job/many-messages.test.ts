import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  createPerson,
  newInstallation,
  seedHistory,
  type TestClient,
} from "@carryover/testkit";
import { createCarryover, isBackupChannel } from "@carryover/xmtp-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BuiltProgram, buildProgram } from "./support/build-program.js";
import {
  measureMemory,
  type MemoryResult,
  type MemoryTask,
} from "./support/memory-task.js";
import { viewHistory } from "./support/view-history.js";
import { appName, createWorld, type World } from "./support/world.js";

const conversationCount = 40;
const MiB = 1024 * 1024;

let world: World;
let program: BuiltProgram;
let bo: TestClient;
beforeAll(async () => {
  world = await createWorld();
  program = await buildProgram(
    join(import.meta.dirname, "support/measure-memory.ts"),
  );
  bo = await world.someone();
});
afterAll(async () => {
  await world.close();
  await program.remove();
});

/** Moves so many messages, each side in a process of its own, and looks at the memory of both. */
async function moveMany(
  messageCount: number,
): Promise<Record<"old" | "fresh", MemoryResult>> {
  const person = createPerson(world.testNetwork);
  const installation = async (side: "old" | "fresh") => {
    const root = await world.testNetwork.temporaryDirectory();
    const place: Omit<MemoryTask, "requestId"> = {
      side,
      apiUrl: world.testNetwork.apiUrl,
      databasePath: join(root, "xmtp.db3"),
      address: person.address,
      directory: join(root, "carryover"),
      encryptionKey: new Uint8Array(randomBytes(32)),
      storageUrl: world.storage.url,
    };
    const open = () =>
      newInstallation(person, { databasePath: place.databasePath });
    return { place, open };
  };
  const old = await installation("old");
  const client = await old.open();
  await seedMany(client, messageCount);
  const history = await viewHistory(client);
  await client.close();

  const fresh = await installation("fresh");
  const asking = await fresh.open();
  const carryover = await createCarryover(asking, {
    ...fresh.place,
    allowedStorageOrigins: [world.storage.url],
  });
  const [{ requestId } = { requestId: "" }] =
    await carryover.requestRemoteMessageHistoryBackup({
      storageProviderUrl: world.storage.url,
      appName,
    });
  await carryover.close();
  await asking.close();

  const memory = {
    old: await measureMemory(program.path, { ...old.place, requestId }),
    fresh: await measureMemory(program.path, { ...fresh.place, requestId }),
  };
  const restored = await fresh.open();
  expect(await viewHistory(restored, isBackupChannel)).toEqual(history);
  await restored.close();
  return memory;
}

async function seedMany(
  client: TestClient,
  messageCount: number,
): Promise<void> {
  const conversations: string[] = [];
  while (conversations.length < conversationCount)
    conversations.push(
      (await client.conversations.createGroup([bo.inboxId])).id,
    );
  const startNs = BigInt(Date.now() - 86_400_000) * 1_000_000n;
  await seedHistory(
    client,
    Array.from({ length: messageCount }, (_, index) => ({
      conversationId: conversations[index % conversationCount] ?? "",
      text: `message ${index}: ${"it was a dark and stormy night ".repeat(index % 6)}`,
      senderInboxId: index % 2 === 0 ? bo.inboxId : client.inboxId,
      sentAtNs: startNs + BigInt(index) * 1_000_000n,
    })),
  );
}

test(
  "20,000 messages in 40 conversations arrive, and take no more memory of ours than 1,000 do",
  { timeout: 180_000 },
  async () => {
    const few = await moveMany(1_000);
    const many = await moveMany(20_000);
    for (const side of ["old", "fresh"] as const) {
      expect(few[side].samples).toBeGreaterThan(2);
      expect(many[side].samples).toBeGreaterThan(10);
      const grownBytes = many[side].heldBytes - few[side].heldBytes;
      console.info(
        `${side}: ${mib(few[side].heldBytes)} for 1,000, ${mib(many[side].heldBytes)} for 20,000; the whole process with the SDK at most ${mib(few[side].peakResidentBytes)} and ${mib(many[side].peakResidentBytes)}`,
      );
      expect(grownBytes).toBeLessThan(16 * MiB);
    }
  },
);

const mib = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`;
