import { readdir } from "node:fs/promises";
import { CarryoverError } from "@carryover/client";
import { Client } from "@xmtp/node-sdk";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { hexToBytes } from "viem";
import { carryoverClientOptions } from "../client-options.js";
import { systemClock, systemRandomBytes } from "../clock.js";
import { createHistory } from "../history.js";
import { createSpinningArchive } from "@carryover/testkit/spinning-archive";

// Run by a test in a process of its own, which it kills: nothing else ends the library's work.
// Arguments: API URL, directory. Tells the error's code and what is left in the directory.

const [apiUrl = "", directory = ""] = process.argv.slice(2);
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
const history = await createHistory(client, {
  directory,
  clock: systemClock,
  randomBytes: systemRandomBytes,
});
try {
  await history.importArchive(createSpinningArchive(), new Uint8Array(32), {
    timeoutMs: 1_000,
  });
  process.send?.({ code: "imported" });
} catch (error) {
  process.send?.({
    code: error instanceof CarryoverError ? error.code : String(error),
    left: await readdir(directory),
  });
}
