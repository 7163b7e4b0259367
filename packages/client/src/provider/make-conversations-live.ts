import type { InstallationId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { forEachAtOnce } from "../for-each-at-once.js";
import { sortConversations } from "../history/ordinary-conversations.js";
import type { LongCallOptions } from "../progress.js";
import type { ConsentRecord, ConsentState } from "../ports/history.js";

/**
 * Adds the asking installation to every conversation, so that what it restores is live and not read-only. It belongs to
 * a member already, so no permission is needed. Consent is put back to what it was, after a crash too.
 *
 * @param installationId - the one that asks
 * @returns conversations that it could not be added to now
 */
export async function makeConversationsLive(
  context: EngineContext,
  installationId: InstallationId,
  { onProgress, signal }: LongCallOptions,
): Promise<string[]> {
  await restoreConsent(context);
  const { ordinary: conversations } = await sortConversations(context);
  const before = conversations
    .filter(({ consent }) => consent !== "allowed")
    .map(({ conversationId, consent }) => consentOf(conversationId, consent));
  await context.state.update((draft) => {
    draft.consentToRestore = before;
  });
  const notMadeLive: string[] = [];
  let done = 0;
  await forEachAtOnce(
    conversations,
    conversationsAtOnce,
    async ({ conversationId, liveness }) => {
      signal?.throwIfAborted();
      if (
        liveness === "inactive" ||
        !(await isAdded(context, conversationId, installationId))
      )
        notMadeLive.push(conversationId);
      done += 1;
      onProgress?.({
        phase: "makingConversationsLive",
        conversations: done,
        totalConversations: conversations.length,
      });
    },
  );
  await restoreConsent(context);
  return notMadeLive;
}

/** The library makes a conversation wait in which it has looked for new installations a moment ago: they wait together. */
const conversationsAtOnce = 16;

async function isAdded(
  { history }: EngineContext,
  conversationId: string,
  installationId: InstallationId,
): Promise<boolean> {
  try {
    await history.addMissingInstallations(conversationId, installationId);
    return true;
  } catch (error) {
    if (error instanceof CarryoverError) return false;
    throw error;
  }
}

/** Puts consent back that making conversations live has changed. Called at every start: nothing happens when all is well. */
export async function restoreConsent({
  history,
  state,
}: EngineContext): Promise<void> {
  const before = state.current().consentToRestore;
  if (before.length === 0) return;
  const now = await history.getConsent(before);
  // Only "allowed" is the side effect; anything else is what a person chose meanwhile.
  const changed = before.filter((_record, index) => now[index] === "allowed");
  if (changed.length > 0) await history.setConsent(changed);
  await state.update((draft) => {
    draft.consentToRestore = [];
  });
}

function consentOf(conversationId: string, state: ConsentState): ConsentRecord {
  return { entityType: "conversation", entity: conversationId, state };
}
