import type { TestClient } from "@carryover/testkit";
import { find } from "./lived-history.js";
import { everyConsent } from "./sdk-values.js";

/** A group of the person's own and one that they were taken into, with some texts in both. */
export interface SmallHistory {
  own: string;
  joined: string;
  messageCount: number;
}

/**
 * Lives a small history. There is no DM in it: the SDK looks for new installations in one no sooner than five seconds
 * after it has looked before, which would be all that most tests do.
 *
 * @param also - other installations of the person, which get it all
 */
export async function liveSmallHistory(
  client: TestClient,
  bo: TestClient,
  also: readonly TestClient[] = [],
): Promise<SmallHistory> {
  const own = await client.conversations.createGroup([bo.inboxId], {
    groupName: "friends",
  });
  const joined = await bo.conversations.createGroup([client.inboxId]);
  await own.sendText("who is coming?");
  await own.sendText("and who brings the cake? 🍰");
  await joined.sendText("I am");
  await joined.sendText("and I do not");
  await bo.conversations.syncAll(everyConsent);
  await (await find(bo, own.id)).sendText("me!");
  for (const each of [client, ...also])
    await each.conversations.syncAll(everyConsent);
  return { own: own.id, joined: joined.id, messageCount: 5 };
}
