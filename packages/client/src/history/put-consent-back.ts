import type { EngineContext } from "../engine-context.js";
import type { ConsentRecord, ConversationInfo } from "../ports/history.js";
import type { BeforeImport } from "../state/engine-state.js";
import { rememberDenied } from "./denied-until-live.js";
import { sortConversations } from "./ordinary-conversations.js";
import { consentKey, type VerifiedBackup } from "./verify-backup.js";

/**
 * What a person chose on this installation stays; everything else becomes what it was on the installation that supplied
 * the history. The library's import sets DMs to allowed, even denied ones.
 *
 * @param listed - every conversation, as it stands after the import
 */
export async function putConsentBack(
  context: EngineContext,
  verified: VerifiedBackup,
  before: BeforeImport,
  listed: readonly ConversationInfo[],
): Promise<void> {
  const { history } = context;
  const { channelIds } = await sortConversations(context, listed);
  const conversations = conversationConsent(verified, before).filter(
    ({ entity }) => !channelIds.has(entity),
  );
  const wanted = [...conversations, ...(await inboxConsent(context, verified))];
  const now = await history.getConsent(wanted);
  const different = wanted.filter(({ state }, index) => now[index] !== state);
  if (different.length > 0) await history.setConsent(different);
  await rememberDenied(context, conversations, listed);
}

function conversationConsent(
  { sent, consent, refused }: VerifiedBackup,
  before: BeforeImport,
): ConsentRecord[] {
  // A backup may hold consent alone, and consent to conversations that it does not hold.
  const entities = new Set([
    ...sent.keys(),
    ...[...consent.values()]
      .filter(({ entityType }) => entityType === "conversation")
      .map(({ entity }) => entity),
  ]);
  for (const entity of refused) entities.delete(entity);
  return [...entities].map((entity) => {
    const record = { entityType: "conversation", entity } as const;
    const chosenHere = before.consent[entity] ?? "unknown";
    const state =
      chosenHere === "unknown"
        ? (consent.get(consentKey(record))?.state ?? "unknown")
        : chosenHere;
    return { ...record, state };
  });
}

async function inboxConsent(
  { history }: EngineContext,
  { consent }: VerifiedBackup,
): Promise<ConsentRecord[]> {
  const records = [...consent.values()].filter(
    ({ entityType }) => entityType === "inbox",
  );
  const now = await history.getConsent(records);
  return records.filter((_record, index) => now[index] === "unknown");
}
