import { Client } from "@xmtp/node-sdk";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { carryoverClientOptions } from "../../client-options.js";
import { archiveElements } from "../../sdk-values.js";
import { type ImportAnswer, type ImportTask, testKey } from "./import-task.js";

// Run by a test in a process of its own, which it kills: an import that spins is ended by nothing else.
// Argument: API URL. Answers each task that it is sent.

const [apiUrl = ""] = process.argv.slice(2);
const account = privateKeyToAccount(generatePrivateKey());
const client = await Client.create(
  {
    type: "EOA",
    getIdentifier: () => ({
      identifier: account.address.toLowerCase(),
      identifierKind: 0,
    }),
    signMessage: async (message) =>
      hexToBytes(await account.signMessage({ message })),
  },
  { env: "local", apiUrl, dbPath: null, ...carryoverClientOptions() },
);

const answer = (value: ImportAnswer): void => void process.send?.(value);

const run = async (task: ImportTask): Promise<void> => {
  try {
    if (task.do === "import") await client.importArchive(task.path, testKey);
    else
      await client.createArchive(task.path, testKey, {
        elements: [archiveElements.messages, archiveElements.consent],
        excludeDisappearingMessages: false,
      });
    answer("done");
  } catch {
    answer("refused");
  }
};
process.on("message", (task) => void run(task as ImportTask));
answer("done");
