import type { CommandContext } from "../context.js";
import type { WrittenStory } from "../sample/write-story.js";
import { counted, formatCount } from "../terminal/format.js";
import { table } from "../terminal/layout.js";
import { viewConversations } from "../xmtp/conversations.js";
import { consent as xmtpConsent, everyConsent } from "../xmtp/sdk-values.js";
import type { People } from "./lost-phone-cast.js";
import { witnesses } from "./lost-phone-story.js";
import { proofFailed } from "./proof-failed.js";
import type { Phone, Stage } from "./stage.js";

/** What is compared with what. */
export interface Comparison {
  people: People;
  /** Conversation ids by name: all, those of before the file, those of before the loss. */
  written: WrittenStory;
  told: WrittenStory;
  since: WrittenStory;
}

/** Every conversation is here as a friend holds it, and none beside. */
export async function proveSameAsFriends(
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
    if (held === undefined) return proofFailed("a friend lost a conversation");
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
    proofFailed(
      `${counted(differing, "conversation")} did not come back as they were`,
    );
  if (restored.size !== rows.length)
    proofFailed(`${restored.size} conversations are here, not ${rows.length}`);
  return { conversations: rows.length, messages };
}

/** Whom Alix blocked is blocked here, too. */
export async function proveBlocked(
  { client }: Phone,
  written: WrittenStory,
): Promise<void> {
  const eve = await client.conversations.getConversationById(
    written.get("Eve") ?? "",
  );
  if (eve?.consentState() !== xmtpConsent.denied)
    proofFailed("somebody blocked came back allowed");
}
