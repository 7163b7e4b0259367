import {
  type AccountBudget,
  accountFileAt,
  type BackupAccountFileSession,
  type CreatedBackupAccountFile,
  openBackupAccountFileForRequests,
  type OutboundRequest,
  refreshBackupAccountFileBy,
  type RestoreReport,
} from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { CliError } from "../cli-error.js";
import { budgetLines } from "../commands/account/budget-view.js";
import { refreshByLine } from "../commands/account/file-view.js";
import { waitForAnswer } from "../commands/wait-for-answer.js";
import type { CommandContext } from "../context.js";
import type { DevServices } from "../network/dev-services.js";
import { countMessages, type NewFriend } from "../sample/story.js";
import type { WrittenStory } from "../sample/write-story.js";
import {
  counted,
  formatBytes,
  formatCount,
  formatSeconds,
} from "../terminal/format.js";
import { table } from "../terminal/layout.js";
import { viewConversations } from "../xmtp/conversations.js";
import { consent as xmtpConsent, everyConsent } from "../xmtp/sdk-values.js";
import { signerOf } from "../xmtp/signer.js";
import { eventually, withDeadline } from "./deadline.js";
import {
  afterTheFile,
  beforeTheFile,
  withoutAPhone,
  witnesses,
} from "./lost-phone-story.js";
import { proveDelivery } from "./prove.js";
import {
  type Answers,
  chat,
  consent,
  createScenes,
  withBar,
} from "./scenes.js";
import { requestScreens } from "./screens.js";
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

/** The demo's directory, and where its services are. */
interface Setting {
  services: DevServices;
  directory: string;
}

/** A file that was made, and what opens it. */
interface MadeFile {
  path: string;
  passphrase: string;
  created: CreatedBackupAccountFile;
}

/** Everyone who can say what was said. */
type People = Stage["cast"] & Record<NewFriend, Client<unknown>>;

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
  const converted = await convert(context, stage, setting, made, answers, {
    people,
    written,
    told,
    since,
  });
  if ((await digestOfFile(made)) !== before)
    fail("the file was changed by opening it");
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
    fail("the file could not bring back everything");
  return report;
}

/** What is compared with what. */
interface Comparison {
  people: People;
  /** Conversation ids by name: all, those of before the file, those of before the loss. */
  written: WrittenStory;
  told: WrittenStory;
  since: WrittenStory;
}

async function proveSameAsFriends(
  { output }: CommandContext,
  stage: Stage,
  { people, written, told, since, phone }: Comparison & { phone: Phone },
): Promise<{ conversations: number; messages: number }> {
  const nameOf = (inboxId: string) => stage.nameOf(inboxId);
  const restored = new Map(
    (await viewConversations(phone.client, nameOf)).map((view) => [
      view.id,
      view,
    ]),
  );
  const rows: string[][] = [];
  let messages = 0;
  let differing = 0;
  for (const [chapter, witness] of Object.entries(witnesses)) {
    const id = written.get(chapter) ?? "";
    const client = people[witness];
    await client.conversations.syncAll(everyConsent);
    const held = (await viewConversations(client, nameOf)).find(
      (view) => view.id === id,
    );
    if (held === undefined) return fail("a friend lost a conversation");
    const here = restored.get(id);
    const isSame =
      here?.digest === held.digest && here.messageCount === held.messageCount;
    if (!isSame) differing += 1;
    messages += held.messageCount;
    rows.push([
      here?.title ?? chapter,
      told.has(chapter)
        ? "before the file"
        : since.has(chapter)
          ? "after the file"
          : "without a phone",
      nameOf(client.inboxId) ?? "",
      formatCount(held.messageCount),
      here === undefined ? "–" : formatCount(here.messageCount),
      held.digest.slice(0, 12),
      isSame ? "same" : "not the same",
    ]);
  }
  output.say(
    ...table(
      [
        { title: "CONVERSATION", shrinks: "shrinks" },
        { title: "BEGAN" },
        { title: "FRIEND" },
        { title: "HOLDS", align: "right" },
        { title: "HERE", align: "right" },
        { title: "DIGEST" },
        { title: "" },
      ],
      rows,
      output.width - 3,
    ).map((line) => `   ${line}`),
  );
  if (differing > 0)
    fail(
      `${counted(differing, "conversation")} did not come back as they were`,
    );
  if (restored.size !== rows.length)
    fail(`${restored.size} conversations are here, not ${rows.length}`);
  return { conversations: rows.length, messages };
}

async function proveBlocked(
  { client }: Phone,
  written: WrittenStory,
): Promise<void> {
  const eve = await client.conversations.getConversationById(
    written.get("Eve") ?? "",
  );
  if (eve?.consentState() !== xmtpConsent.denied)
    fail("somebody blocked came back allowed");
}

/** The library looks for new devices of the others when it sends, and not again within five seconds. */
const looksForDevicesEveryMs = 5_000;

/** Restored conversations wait for a member: when one writes, they take messages from here again. */
async function comeAlive(
  { output, signal }: CommandContext,
  {
    people,
    phone: { client },
    written,
    quietSince,
  }: {
    people: People;
    phone: Phone;
    written: WrittenStory;
    /** When the friends wrote last, by `performance.now()`. */
    quietSince: number;
  },
): Promise<void> {
  const quietMs = performance.now() - quietSince;
  await setTimeout(
    Math.max(0, looksForDevicesEveryMs + 100 - quietMs),
    undefined,
    { signal },
  );
  const places = [
    ["Lisbon in May", "bo", "Bo"],
    ["Fay", "fay", "Fay"],
  ] as const;
  for (const [chapter, person, name] of places) {
    const conversationId = written.get(chapter) ?? "";
    const friend = people[person];
    await proveDelivery({
      from: friend,
      to: client,
      conversationId,
      text: "There you are!",
      signal,
    });
    await eventually(
      async () => {
        await client.conversations.syncAll(everyConsent);
        const here =
          await client.conversations.getConversationById(conversationId);
        return here?.isActive === true ? here : undefined;
      },
      signal,
      "a conversation did not come alive",
    );
    await proveDelivery({
      from: client,
      to: friend,
      conversationId,
      text: "Here I am.",
      signal,
    });
    output.say(
      `   ${output.style.green("✓")} ${name} writes, and the new phone can answer: the conversation is live`,
    );
  }
}

async function convert(
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
  if (asking === undefined) return fail("the file was not asked");
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

async function digestOfFile({ path }: MadeFile): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}

function fail(what: string): never {
  throw new CliError(
    "proofFailed",
    what,
    "The demo's own network and files are gone; nothing else was touched. Report it: this must not happen.",
  );
}
