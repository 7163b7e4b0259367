import type {
  ConsentState,
  GroupMessageKind,
  ReactionAction,
  ReactionSchema,
} from "@xmtp/node-sdk";

// The SDK's enums are `const` in its types and absent at run time: these are their values.

export const consent = {
  unknown: 0 satisfies ConsentState.Unknown,
  allowed: 1 satisfies ConsentState.Allowed,
  denied: 2 satisfies ConsentState.Denied,
} as const;

/** Without it denied conversations are left out. */
export const everyConsent: ConsentState[] = Object.values(consent);

/** What persons wrote; not changes of membership. */
export const applicationMessages: GroupMessageKind =
  0 satisfies GroupMessageKind.Application;

export const reactionAdded: ReactionAction = 1 satisfies ReactionAction.Added;
export const reactionRemoved: ReactionAction =
  2 satisfies ReactionAction.Removed;
export const unicodeReaction: ReactionSchema =
  1 satisfies ReactionSchema.Unicode;
