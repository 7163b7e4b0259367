import {
  type AccountBudget,
  accountFileAt,
  refreshBackupAccountFileBy,
  type RestoreReport,
} from "@carryover/xmtp-node";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { budgetLines } from "../commands/account/budget-view.js";
import { refreshByLine } from "../commands/account/file-view.js";
import type { CommandContext } from "../context.js";
import { countMessages } from "../sample/story.js";
import type { WrittenStory } from "../sample/write-story.js";
import { counted, formatBytes, formatSeconds } from "../terminal/format.js";
import { everyConsent } from "../xmtp/sdk-values.js";
import { signerOf } from "../xmtp/signer.js";
import { answerWithFile } from "./answer-with-file.js";
import { comeAlive } from "./come-alive.js";
import type { MadeFile, People, Setting } from "./lost-phone-cast.js";
import {
  afterTheFile,
  beforeTheFile,
  withoutAPhone,
} from "./lost-phone-story.js";
import { proofFailed } from "./proof-failed.js";
import { proveBlocked, proveSameAsFriends } from "./prove-same-as-friends.js";
import {
  type Answers,
  chat,
  consent,
  createScenes,
  withBar,
} from "./scenes.js";
import type { Phone, Stage } from "./stage.js";

/** How the story went. */
export type LostPhoneResult =
  | {
      outcome: "restored";
      conversations: number;
      messages: number;
      /** Of them, sent after the file was made. */
      messagesAfterFile: number;
      sizeBytes: number;
      restoreMs: number;
      /** What the request brought that the file answered; absent when the person said no to it. */
      converted?: { conversations: number; messages: number };
    }
  | { outcome: "declined" };

/** Tells the story of a lost phone, from the file to the proof. */
export async function runLostPhone(
  context: CommandContext,
  stage: Stage,
  setting: Setting,
  answers: Answers,
): Promise<LostPhoneResult> {
  const { output } = context;
  const scene = createScenes(context);

  scene("Alix has one phone, and makes a Backup Account File on it");
  const told = await chat(context, stage.cast, beforeTheFile);
  output.say(
    `   ${counted(countMessages(beforeTheFile), "message")} in ${counted(told.size, "conversation")} so far.`,
  );
  const budget = await stage.oldPhone.carryover.fetchAccountBudget();
  if ((await agree(context, budget, answers)) === "no") {
    output.say(
      "",
      `   ${output.style.green("✓")} You said no. Nothing was made, and nothing was registered.`,
    );
    return { outcome: "declined" };
  }
  const made = await makeFile(context, stage, setting);

  scene("Life goes on, with old friends and new ones");
  const fay = await stage.openFriend("fay");
  const people: People = { ...stage.cast, fay };
  const since = await chat(context, people, afterTheFile, { existing: told });
  output.say(
    `   ${counted(countMessages(afterTheFile), "message")} more, and ${counted(since.size - told.size, "conversation")} that the file has never seen.`,
  );

  scene("The phone is lost");
  const written = await loseThePhone(context, stage, people, since);
  const quietSince = performance.now();

  scene("A new phone, and the file");
  const before = await digestOfFile(made);
  const newPhone = await stage.installAnew();
  await newPhone.client.conversations.syncAll(everyConsent);
  const empty = await newPhone.client.conversations.list();
  output.say(
    `   The same account, a new installation. It sees ${counted(empty.length, "conversation")}.`,
  );
  const startedAt = performance.now();
  const restored = await restore(context, newPhone, made);
  const restoreMs = performance.now() - startedAt;
  output.say(
    `   ${counted(restored.totals.imported, "message")} restored in ${formatSeconds(restoreMs)}. The file was not changed.`,
  );

  scene("Proof: compared with what each friend holds, message by message");
  const proof = await proveSameAsFriends(context, stage, {
    people,
    written,
    told,
    since,
    phone: newPhone,
  });
  await proveBlocked(newPhone, written);
  output.say(
    "",
    `   ${output.style.green("✓")} ids, authors, times, contents and reactions are the same, and Eve is`,
    "     still blocked",
  );
  await comeAlive(context, { people, phone: newPhone, written, quietSince });

  scene("The same for an app that cannot open the file: the file answers");
  const converted = await answerWithFile(
    context,
    stage,
    setting,
    made,
    answers,
    {
      people,
      written,
      told,
      since,
    },
  );
  if ((await digestOfFile(made)) !== before)
    proofFailed("the file was changed by opening it");
  output.say(
    `   ${output.style.green("✓")} The file is the same, byte for byte: it can be used again.`,
  );
  return {
    outcome: "restored",
    ...proof,
    messagesAfterFile:
      countMessages(afterTheFile) + countMessages(withoutAPhone),
    sizeBytes: made.created.sizeBytes,
    restoreMs,
    ...(converted === "declined" ? {} : { converted }),
  };
}

async function agree(
  context: CommandContext,
  budget: AccountBudget,
  answers: Answers,
): Promise<"yes" | "no"> {
  context.output.say(
    "   A file for the day when every device is lost. It is one more installation:",
    ...budgetLines(budget).map((line) => ` ${line}`),
  );
  return consent(context, answers, "Make it? [y/N]");
}

async function makeFile(
  context: CommandContext,
  stage: Stage,
  { directory }: Setting,
): Promise<MadeFile> {
  const { output, signal } = context;
  const path = join(directory, "alix.backup-account.age");
  const passphrase = randomBytes(18).toString("base64url");
  const created = await withBar(context, "old phone", (bar) =>
    stage.oldPhone.carryover.createBackupAccountFile({
      file: accountFileAt(path),
      signer: signerOf(stage.wallet),
      protection: { kind: "passphrase", passphrase },
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    }),
  );
  output.say(
    `   ${output.style.green("✓")} ${basename(path)}: ${formatBytes(created.sizeBytes)}, opens with a passphrase`,
    ` ${refreshByLine(refreshBackupAccountFileBy(created.summary, Date.now()), output)}`,
  );
  return { path, passphrase, created };
}

async function loseThePhone(
  context: CommandContext,
  stage: Stage,
  people: People,
  since: WrittenStory,
): Promise<WrittenStory> {
  const { output } = context;
  const { inboxId } = stage.cast.alix;
  const bytes = await stage.loseOldPhone();
  output.say(
    `   ${output.style.red("✗")} old-phone.db3 is deleted: ${formatBytes(bytes)}. Alix has no device left.`,
  );
  const { bo, cleo, dana, eve, fay } = people;
  const written = await chat(
    context,
    { bo, cleo, dana, eve, fay },
    withoutAPhone,
    { existing: since, absent: { alix: inboxId } },
  );
  output.say(
    `   Meanwhile the others write ${counted(countMessages(withoutAPhone), "message")}, and begin ${counted(written.size - since.size, "conversation")}.`,
  );
  return written;
}

async function restore(
  context: CommandContext,
  { carryover }: Phone,
  { path, passphrase }: MadeFile,
): Promise<RestoreReport> {
  const report = await withBar(context, "new phone", (bar) =>
    carryover.importFromBackupAccountFile({
      file: accountFileAt(path),
      secret: { kind: "passphrase", passphrase },
      signal: context.signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    }),
  );
  if (report.fileState !== "unchanged" || report.file.missing.length > 0)
    proofFailed("the file could not bring back everything");
  return report;
}

async function digestOfFile({ path }: MadeFile): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
