import { setTimeout } from "node:timers/promises";
import type { CommandContext } from "../context.js";
import type { WrittenStory } from "../sample/write-story.js";
import { everyConsent } from "../xmtp/sdk-values.js";
import { eventually } from "./deadline.js";
import type { People } from "./lost-phone-cast.js";
import { proveDelivery } from "./prove.js";
import type { Phone } from "./stage.js";

/** The library looks for new devices of the others when it sends, and not again within five seconds. */
const looksForDevicesEveryMs = 5_000;

/** Restored conversations wait for a member: when one writes, they take messages from here again. */
export async function comeAlive(
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
