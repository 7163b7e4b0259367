import type { EngineContext } from "../engine-context.js";
import type { ConsentRecord, ConversationInfo } from "../ports/history.js";

// The library allows the person's own groups when they come live on an installation, whatever was chosen there before.
// So a denied conversation that no member could add this installation to yet is looked at again.

/**
 * Keeps in mind which of these are denied and not live yet.
 *
 * @param listed - every conversation
 */
export async function rememberDenied(
  { state }: EngineContext,
  conversations: readonly ConsentRecord[],
  listed: readonly ConversationInfo[],
): Promise<void> {
  const live = liveAmong(listed);
  const denied = conversations
    .filter((record) => record.state === "denied" && !live.has(record.entity))
    .map(({ entity }) => entity);
  if (denied.length === 0) return;
  await state.update((draft) => {
    draft.deniedUntilLive = [...new Set([...draft.deniedUntilLive, ...denied])];
  });
}

/** Denies again what has come live since. Whoever was allowed before that was allowed by the person, and stays. */
export async function denyWhatCameLive({
  history,
  state,
}: EngineContext): Promise<void> {
  const waiting = state.current().deniedUntilLive.map((entity) => deny(entity));
  if (waiting.length === 0) return;
  const live = liveAmong(await history.listConversations());
  const now = await history.getConsent(waiting);
  const isDenied = (index: number) => now[index] === "denied";
  const changed = waiting.filter(
    ({ entity }, index) => live.has(entity) && !isDenied(index),
  );
  if (changed.length > 0) await history.setConsent(changed);
  const stillWaiting = waiting
    .filter(({ entity }, index) => !live.has(entity) && isDenied(index))
    .map(({ entity }) => entity);
  if (stillWaiting.length < waiting.length)
    await state.update((draft) => {
      draft.deniedUntilLive = stillWaiting;
    });
}

const deny = (entity: string): ConsentRecord => ({
  entityType: "conversation",
  entity,
  state: "denied",
});

function liveAmong(listed: readonly ConversationInfo[]): Set<string> {
  return new Set(
    listed
      .filter(({ liveness }) => liveness === "live")
      .map(({ conversationId }) => conversationId),
  );
}
