import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AccountFileSummary,
  verifyBackupAccountFile,
  accountFileAt,
  type XmtpNetwork,
} from "@carryover/xmtp-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  answerWithFile,
  makeFile,
  refresh,
  reminder,
  restore,
  revoke,
} from "./account-files-sample.js";
import { waitForAnswer } from "./commands/wait-for-answer.js";
import { type DevServices, startDevServices } from "./network/dev-services.js";
import { open } from "./readme-sample.js";
import { signerOf } from "./xmtp/signer.js";
import { createWalletKey, type WalletKey } from "./xmtp/wallet-signature.js";

const passphrase = "seven green bottles";

let directory: string;
let services: DevServices;
let network: XmtpNetwork;
let path: string;
const opened: Awaited<ReturnType<typeof open>>[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "carryover-sample-"));
  path = join(directory, "alix.age");
  services = await startDevServices({
    directory: join(directory, "dev"),
    ports: { grpc: 0, grpcWeb: 0, storage: 0 },
  });
  network = { env: "local", apiUrl: services.networkUrl };
});

afterAll(async () => {
  for (const { carryover, client } of opened) {
    await carryover.close();
    await client.close();
  }
  await services.close();
  await rm(directory, { recursive: true });
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

it("the guide shows the code that runs here", async () => {
  const blocksOf = (text: string, pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, name, code]) => [name, code]);
  const shown = blocksOf(
    await readFile(
      new URL("../../../docs/guide/backup-account-files.md", import.meta.url),
      "utf8",
    ),
    /^```ts (\w+)\n(.*?)^```$/gms,
  );
  expect(shown).toHaveLength(5);
  expect(shown).toEqual(
    blocksOf(
      await readFile(
        new URL("./account-files-sample.ts", import.meta.url),
        "utf8",
      ),
      /^\/\/ #region (\w+)\n(.*?)^\/\/ #endregion$/gms,
    ),
  );
});

it("the guide's code makes, refreshes, restores, answers with and revokes a file", async () => {
  const alix = createWalletKey();
  const old = await device("old", alix);
  const bo = await device("bo", createWalletKey());
  const dm = await old.client.conversations.createDm(bo.client.inboxId);
  await dm.sendText("before the file");

  const make = (answer: "yes" | "no") =>
    makeFile(
      old.carryover,
      signerOf(alix),
      path,
      passphrase,
      async (budget) => {
        expect(budget.installations).toMatchObject({ used: 1, limit: 10 });
        return answer;
      },
    );
  expect(await make("no")).toBeUndefined();
  const summary = await make("yes");
  if (summary === undefined) throw new Error("no file was made");
  expect(reminder(summary)).toBe("Your backup file is good for 29 days.");
  expect(reminder(agedBy(25, summary))).toContain("4 days left");
  expect(reminder(agedBy(31, summary))).toContain("now");
  await dm.sendText("after the file");

  const fresh = await device("fresh", alix);
  const shown: string[] = [];
  const report = await restore(fresh.carryover, path, passphrase, (text) =>
    shown.push(text),
  );
  expect(report.totals).toMatchObject({ imported: 2, conversations: 1 });
  expect(shown).toContain("2 messages restored");
  expect(shown).toContain(`${dm.id} waits for one of ${bo.client.inboxId}`);

  const other = await device("other", alix);
  const requests = await other.carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: services.storageUrl,
    appName: "Example Chat",
    ask: "devicesAndBackupAccountFiles",
  });
  const pins: (string | undefined)[] = [];
  expect(
    await answerWithFile(
      network,
      path,
      passphrase,
      services.storageUrl,
      async ({ verificationPin }) => {
        pins.push(verificationPin);
        return "approve";
      },
    ),
  ).toBe(1);
  expect(pins).toEqual([requests[0]?.verificationPin]);
  const answered = (
    await waitForAnswer(
      other.carryover,
      requests.map(({ requestId }) => requestId),
      AbortSignal.timeout(20_000),
    )
  ).find(({ step }) => step === "responseReceived");
  expect(
    await other.carryover.applyRemoteMessageHistoryBackup(
      answered?.requestId ?? "",
    ),
  ).toMatchObject({
    suppliedBy: summary.installationId,
    totals: { imported: 2 },
  });

  const newer = await refresh(network, path, passphrase, summary);
  expect(newer).toMatchObject({
    installationId: summary.installationId,
    sequence: 2,
  });
  const signer = signerOf(alix);
  expect(await revoke(network, signer, newer)).toBe("revoked");
  expect(await revoke(network, signer, newer)).toBe("alreadyRevoked");
  await expect(
    verifyBackupAccountFile({
      network,
      file: accountFileAt(path),
      secret: { kind: "passphrase", passphrase },
    }),
  ).rejects.toMatchObject({ code: "accountFileRevoked" });
});

/** As the summary of a file that was made so many days earlier. */
function agedBy(
  days: number,
  { messagesKeptUntilMs = 0, ...summary }: AccountFileSummary,
): AccountFileSummary {
  return {
    ...summary,
    messagesKeptUntilMs: messagesKeptUntilMs - days * 86_400_000,
  };
}
