import {
  accountFileAt,
  type AccountFilePlace,
  carryoverClientOptions,
  createCarryover,
  openBackupAccountFileForRequests,
  type ProtectionChoice,
  refreshBackupAccountFile,
  type SecretChoice,
} from "@carryover/xmtp-node";
import { Client, type Signer } from "@xmtp/node-sdk";
import { hexToBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";

// One piece of work with a file, in a process of its own that dies where it was told to.

/** What the process is told, as its only message. */
export interface MortalTask {
  work: "create" | "restore" | "refresh" | "requests";
  /** Phase of progress, or `piece`, `check` or `written` of the file; the process dies there, after `killAfterMs`. */
  killAt?: string;
  killAfterMs?: number;
  apiUrl: string;
  databasePath: string;
  walletKey: `0x${string}`;
  directory: string;
  encryptionKey: Uint8Array;
  path: string;
  workDirectory: string;
  protection: ProtectionChoice;
  secret: SecretChoice;
  /** Where requests may be answered to. */
  storageUrl: string;
}

/** What it answers, if it lives. */
export type MortalAnswer = { done: true } | { failed: string };

process.on("message", (task: MortalTask) => {
  void run(task).then(
    () => process.send?.({ done: true } satisfies MortalAnswer),
    (error: unknown) =>
      process.send?.({
        failed: error instanceof Error ? String(error.stack) : "?",
      } satisfies MortalAnswer),
  );
});
process.on("disconnect", () => process.exit());

async function run(task: MortalTask): Promise<void> {
  const passing = (step: string) => {
    if (step !== task.killAt) return;
    const die = () => process.kill(process.pid, "SIGKILL");
    if (task.killAfterMs === undefined) die();
    else setTimeout(die, task.killAfterMs);
  };
  const onProgress = ({ phase }: { phase: string }) => passing(phase);
  const file = watched(accountFileAt(task.path), passing);
  const { protection, secret } = task;
  if (task.work === "refresh") {
    await refreshBackupAccountFile({
      file,
      secret,
      onProgress,
      network: { env: "local", apiUrl: task.apiUrl },
      directory: task.workDirectory,
    });
    return;
  }
  if (task.work === "requests") {
    const session = await openBackupAccountFileForRequests({
      file,
      secret,
      onProgress,
      network: { env: "local", apiUrl: task.apiUrl },
      directory: task.workDirectory,
      policy: { allowedStorageOrigins: [task.storageUrl] },
    });
    const requests = await session.listInboundBackupRequests();
    if (requests.length === 0) throw new Error("nobody asks");
    for (const { requestId } of requests)
      await session.respondToBackupRequest(requestId, "approve", {
        onProgress,
      });
    passing("answered");
    await session.close();
    return;
  }
  const signer = signerOf(task.walletKey);
  const client = await Client.create(signer, {
    env: "local",
    apiUrl: task.apiUrl,
    dbPath: task.databasePath,
    ...carryoverClientOptions(),
  });
  const carryover = await createCarryover(client, {
    directory: task.directory,
    encryptionKey: task.encryptionKey,
  });
  if (task.work === "create")
    await carryover.createBackupAccountFile({
      file,
      signer,
      protection,
      onProgress,
    });
  else
    await carryover.importFromBackupAccountFile({ file, secret, onProgress });
  await carryover.close();
  await client.close();
}

function signerOf(walletKey: `0x${string}`): Signer {
  const account = privateKeyToAccount(walletKey);
  return {
    type: "EOA",
    getIdentifier: () => ({
      identifier: account.address.toLowerCase(),
      identifierKind: 0,
    }),
    signMessage: async (message) =>
      hexToBytes(await account.signMessage({ message })),
  };
}

/** The same place, with a step at each piece, before the check, and after all. */
function watched(
  place: AccountFilePlace,
  passing: (step: string) => void,
): AccountFilePlace {
  return {
    ...place,
    write: async (file, options) => {
      await place.write(
        file.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              controller.enqueue(chunk);
              passing("piece");
            },
          }),
        ),
        {
          ...options,
          check: async (written) => {
            passing("check");
            await options.check(written);
          },
        },
      );
      passing("written");
    },
  };
}
