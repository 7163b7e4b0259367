import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Signer } from "@xmtp/node-sdk";
import { type DevServices, startDevServices } from "./network/dev-services.js";
import { answerRequests, fetchHistory, open } from "./readme-sample.js";
import { ethereum } from "./xmtp/sdk-values.js";
import {
  createWalletKey,
  personalSign,
  type WalletKey,
} from "./xmtp/wallet-signature.js";

let directory: string;
let services: DevServices;
const opened: Awaited<ReturnType<typeof open>>[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "carryover-sample-"));
  services = await startDevServices({
    directory: join(directory, "dev"),
    ports: { grpc: 0, grpcWeb: 0, storage: 0 },
  });
});

afterAll(async () => {
  for (const { carryover, client } of opened) {
    await carryover.close();
    await client.close();
  }
  await services.close();
  await rm(directory, { recursive: true });
});

const signerOf = (wallet: WalletKey): Signer => ({
  type: "EOA",
  getIdentifier: () => ({
    identifier: wallet.address,
    identifierKind: ethereum,
  }),
  signMessage: (message) => personalSign(wallet, message),
});

async function device(name: string, wallet: WalletKey) {
  await mkdir(join(directory, name));
  const device = await open(
    signerOf(wallet),
    {
      env: "local",
      apiUrl: services.networkUrl,
      dbPath: join(directory, name, "xmtp.db3"),
    },
    randomBytes(32),
    services.storageUrl,
  );
  opened.push(device);
  return device;
}

it("the README's code moves a history", async () => {
  const alix = createWalletKey();
  const bo = await device("bo", createWalletKey());
  const old = await device("old", alix);
  const dm = await old.client.conversations.createDm(bo.client.inboxId);
  await dm.sendText("remember me");

  const seen: (string | undefined)[] = [];
  const problems: unknown[] = [];
  answerRequests(
    old.carryover,
    (request) => {
      seen.push(request.verificationPin);
      return Promise.resolve("approve");
    },
    (error) => problems.push(error),
  );
  const fresh = await device("fresh", alix);
  const shown: string[] = [];
  const report = await fetchHistory(
    fresh.carryover,
    services.storageUrl,
    (requests) => {
      for (const { verificationPin } of requests) shown.push(verificationPin);
    },
  );

  expect(report.totals).toMatchObject({ imported: 1, conversations: 1 });
  expect(shown).toHaveLength(1);
  expect(seen).toEqual(shown);
  expect(problems).toEqual([]);
});
