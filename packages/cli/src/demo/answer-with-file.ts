import {
  accountFileAt,
  type BackupAccountFileSession,
  openBackupAccountFileForRequests,
  type OutboundRequest,
} from "@carryover/xmtp-node";
import { join } from "node:path";
import { waitForAnswer } from "../commands/wait-for-answer.js";
import type { CommandContext } from "../context.js";
import { eventually, withDeadline } from "./deadline.js";
import type { MadeFile, Setting } from "./lost-phone-cast.js";
import { proofFailed } from "./proof-failed.js";
import {
  type Comparison,
  proveSameAsFriends,
} from "./prove-same-as-friends.js";
import { type Answers, consent, withBar } from "./scenes.js";
import { requestScreens } from "./screens.js";
import type { Stage } from "./stage.js";

/** Another app asks, the file answers, and what came is compared. */
export async function answerWithFile(
  context: CommandContext,
  stage: Stage,
  { services, directory }: Setting,
  { path, passphrase, created }: MadeFile,
  answers: Answers,
  comparison: Comparison,
): Promise<{ conversations: number; messages: number } | "declined"> {
  const { output, signal } = context;
  const app = await stage.installAnew("other-app");
  const asking = (
    await app.carryover.requestRemoteMessageHistoryBackup({
      storageProviderUrl: services.storageUrl,
      appName: "Another app",
      ask: "devicesAndBackupAccountFiles",
      signal,
    })
  ).find(
    ({ recipientInstallationId }) =>
      recipientInstallationId === created.summary.installationId,
  );
  if (asking === undefined) return proofFailed("the file was not asked");
  const file = await withBar(context, "the file", (bar) =>
    openBackupAccountFileForRequests({
      network: { env: "local", apiUrl: services.networkUrl },
      directory: join(directory, "work"),
      policy: { allowedStorageOrigins: [new URL(services.storageUrl).origin] },
      file: accountFileAt(path),
      secret: { kind: "passphrase", passphrase },
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    }),
  );
  try {
    if ((await answerFrom(context, file, asking, answers)) === "no") {
      output.say(
        `   ${output.style.green("✓")} You said no. Nothing was sent.`,
      );
      return "declined";
    }
  } finally {
    await file.close();
  }
  await waitForAnswer(app.carryover, [asking.requestId], withDeadline(signal));
  await withBar(context, "the other app", (bar) =>
    app.carryover.applyRemoteMessageHistoryBackup(asking.requestId, {
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    }),
  );
  return proveSameAsFriends(context, stage, { ...comparison, phone: app });
}

async function answerFrom(
  context: CommandContext,
  file: BackupAccountFileSession,
  asking: OutboundRequest,
  answers: Answers,
): Promise<"yes" | "no"> {
  const { output, signal } = context;
  const asked = await eventually(
    async () =>
      (await file.listInboundBackupRequests()).find(
        ({ requestId }) => requestId === asking.requestId,
      ),
    signal,
    "the request did not reach the file",
  );
  output.say(
    ...requestScreens(asking, asked, output, {
      asked: "BACKUP ACCOUNT FILE",
      asking: "ANOTHER APP",
      whom: "You asked your backup file.",
    }),
    "",
  );
  const answer = await consent(
    context,
    answers,
    "Is the PIN the same on both, and was it you? [y/N]",
  );
  await withBar(context, "the file", (bar) =>
    file.respondToBackupRequest(
      asking.requestId,
      answer === "yes" ? "approve" : "decline",
      {
        signal,
        onProgress: (progress) => {
          bar.update(progress);
        },
      },
    ),
  );
  return answer;
}
