import type {
  ConsentState,
  ConversationType,
  GroupMessageKind,
  IdentifierKind,
  ReactionAction,
  ReactionSchema,
  WorkerKind,
} from "@xmtp/node-sdk";

// The SDK's enums are `const` in its types and absent at run time: these are their values.

/** An Ethereum account. */
export const ethereum: IdentifierKind = 0;

/** Consent, as XMTP has it. */
export const consent: Record<"unknown" | "allowed" | "denied", ConsentState> = {
  unknown: 0,
  allowed: 1,
  denied: 2,
};

/** Every consent state: without it hidden conversations are left out. */
export const everyConsent: ConsentState[] = [0, 1, 2];

/** Messages that persons wrote, not changes of membership. */
export const applicationMessages: GroupMessageKind = 0;

/** Kinds of conversations. */
export const conversationTypes: Record<"dm" | "group", ConversationType> = {
  dm: 0,
  group: 1,
};

/** What a client does in the background that is for the network. */
export const networkWorkers = [
  "DeviceSync" as WorkerKind.DeviceSync,
  "KeyPackageCleaner" as WorkerKind.KeyPackageCleaner,
  "CommitLog" as WorkerKind.CommitLog,
  "TaskRunner" as WorkerKind.TaskRunner,
];

/** A reaction is put, not taken back. */
export const reactionAdded: ReactionAction = 1;

/** A reaction is an emoji. */
export const unicodeReaction: ReactionSchema = 1;
