import type { ImportReport, ResponseReport } from "@carryover/client";
import type { CommandContext } from "../context.js";
import { waitForAnswer } from "../commands/wait-for-answer.js";
import { comparisonTable } from "../commands/compare.js";
import type { DevServices } from "../network/dev-services.js";
import { story } from "../sample/story.js";
import type { WrittenStory } from "../sample/write-story.js";
import { counted, formatBytes, formatSeconds } from "../terminal/format.js";
import {
  type ConversationView,
  viewConversations,
} from "../xmtp/conversations.js";
import { nextInboundRequest, withDeadline } from "./deadline.js";
import { proofFailed } from "./proof-failed.js";
import { proveDelivery, proveSameHistory } from "./prove.js";
import {
  type Answers,
  chat,
  consent,
  createScenes,
  withBar,
} from "./scenes.js";
import { requestScreens } from "./screens.js";
import type { Phone, Stage } from "./stage.js";

/** How the demo went. */
export type DemoResult =
  | {
      outcome: "moved";
      conversations: number;
      messages: number;
      sizeBytes: number;
      moveMs: number;
      delivered: number;
    }
  | { outcome: "declined" };

/** Tells the story from the first message to the proof. */
export async function runDemo(
  context: CommandContext,
  stage: Stage,
  services: DevServices,
  answers: Answers,
): Promise<DemoResult> {
  const { output, signal } = context;
  const view = (phone: Phone) =>
    viewConversations(phone.client, (inboxId) => stage.nameOf(inboxId));
  const scene = createScenes(context);

  scene("Alix has been chatting on an old phone");
  const written = await chat(context, stage.cast, story);
  const before = await view(stage.oldPhone);
  const total = before.reduce((sum, each) => sum + each.messageCount, 0);
  output.say(
    `   ${counted(total, "message")} in ${counted(before.length, "conversation")}: text, emoji, replies, reactions, a file,`,
    "   a read receipt, people who come and go, and one sender Alix blocked.",
  );
  await stage.oldPhone.carryover.start();

  scene("Alix installs the app on a new phone");
  const newPhone = await stage.installAnew();
  await newPhone.client.conversations.syncAll();
  const empty = await view(newPhone);
  output.say(
    `   The same account, a new installation. It sees ${counted(empty.length, "conversation")}.`,
  );

  scene("The new phone asks for the history; the old one asks Alix");
  const [asking] = await newPhone.carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: services.storageUrl,
    appName: "Carryover demo",
    signal,
  });
  if (asking === undefined) return proofFailed("no request was made");
  const asked = await nextInboundRequest(
    stage.oldPhone.carryover,
    asking.requestId,
    signal,
  );
  output.say(...requestScreens(asking, asked, output), "");
  if (
    (await consent(
      context,
      answers,
      "Is the PIN the same on both, and was it you? [y/N]",
    )) === "no"
  ) {
    await decline(context, stage, services, newPhone, asking.requestId);
    return { outcome: "declined" };
  }

  scene("The history moves");
  const startedAt = performance.now();
  const { sent, imported } = await move(
    context,
    stage,
    newPhone,
    asking.requestId,
  );
  const moveMs = performance.now() - startedAt;
  output.say(
    `   ${counted(imported.totals.imported, "message")} moved in ${formatSeconds(moveMs)}, as one file of ${formatBytes(sent.sizeBytes)} that`,
    "   only the new phone could open.",
  );

  scene("Proof: the same history, message by message");
  const after = await view(newPhone);
  output.say(
    ...comparisonTable(before, after, {
      titles: ["old phone", "new phone"],
      width: output.width - 3,
    }).map((line) => `   ${line}`),
    "",
  );
  proveSameHistory("new phone", before, after);
  proveSameHistory("old phone", before, await view(stage.oldPhone));
  output.say(
    `   ${output.style.green("✓")} ids, authors, times, contents, reactions and consent are the same`,
  );

  scene("Proof: the new phone can write, not only read");
  const delivered = await deliver(context, stage, newPhone, before, written);

  return {
    outcome: "moved",
    conversations: before.length,
    messages: total,
    sizeBytes: sent.sizeBytes,
    moveMs,
    delivered,
  };
}

async function move(
  { output, signal }: CommandContext,
  stage: Stage,
  newPhone: Phone,
  requestId: string,
): Promise<{ sent: ResponseReport; imported: ImportReport }> {
  const sent = await withBar({ output }, "old phone", (bar) =>
    stage.oldPhone.carryover.respondToBackupRequest(requestId, "approve", {
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    }),
  );
  await waitForAnswer(newPhone.carryover, [requestId], withDeadline(signal));
  const imported = await withBar({ output }, "new phone", (bar) =>
    newPhone.carryover.applyRemoteMessageHistoryBackup(requestId, {
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    }),
  );
  return { sent, imported };
}

async function decline(
  { output, signal }: CommandContext,
  stage: Stage,
  services: DevServices,
  newPhone: Phone,
  requestId: string,
): Promise<void> {
  await stage.oldPhone.carryover.respondToBackupRequest(requestId, "decline");
  const [request] = await waitForAnswer(
    newPhone.carryover,
    [requestId],
    withDeadline(signal),
  );
  const conversations = await newPhone.client.conversations.list();
  if (
    request?.status !== "Declined" ||
    services.uploadCount() !== 0 ||
    conversations.length !== 0
  )
    proofFailed("something moved after a no");
  output.say(
    "",
    `   ${output.style.green("✓")} You said no. Nothing was uploaded, the new phone was told, and sees nothing.`,
  );
}

async function deliver(
  { output, signal }: CommandContext,
  { cast }: Stage,
  newPhone: Phone,
  views: readonly ConversationView[],
  written: WrittenStory,
): Promise<number> {
  const places = [
    ["Lisbon in May", "a group Alix made"],
    ["Book club", "a group Bo made"],
    ["Bo", "a DM"],
  ] as const;
  for (const [chapter, where] of places) {
    const conversationId = written.get(chapter) ?? "";
    const messages = {
      out: `Sent from the new phone into ${where}`,
      back: `The answer in ${where}`,
    };
    await proveDelivery({
      from: newPhone.client,
      to: cast.bo,
      conversationId,
      text: messages.out,
      signal,
    });
    await proveDelivery({
      from: cast.bo,
      to: newPhone.client,
      conversationId,
      text: messages.back,
      signal,
    });
    const title = views.find(({ id }) => id === conversationId)?.title ?? "";
    output.say(
      `   ${output.style.green("✓")} ${title} (${where}): Bo got it, and the answer came back`,
    );
  }
  return places.length;
}
