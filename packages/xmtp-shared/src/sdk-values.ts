import type { ConsentEntity, ConsentState } from "@carryover/client";

// The SDKs declare their constants as enumerations of their own, in one of them as ambient ones that a compiler that looks
// at one file at a time cannot read. Here are the values that are the same in all of them.

/** `ConsentState` */
export const consentStates: Record<ConsentState, number> = {
  unknown: 0,
  allowed: 1,
  denied: 2,
};

/** Every list and sync names them all: the SDK leaves out denied conversations otherwise. */
export const everyConsentState: number[] = Object.values(consentStates);

/** `ConsentEntityType` */
export const consentEntityTypes: Record<ConsentEntity["entityType"], number> = {
  conversation: 0,
  inbox: 1,
};

/** `ContentType.Custom` */
export const customContent = 2;
/** `GroupMessageKind.Application` */
export const applicationMessage = 0;
/** `SortDirection.Ascending` */
export const ascending = 0;
/** `GroupPermissionsOptions.CustomPolicy` */
export const customPolicy = 2;
/** `PermissionPolicy.Deny` and `PermissionPolicy.SuperAdmin` */
export const policies: Record<"nobody" | "superAdmin", number> = {
  nobody: 1,
  superAdmin: 3,
};

/** The engine's word for the SDK's number. */
export function consentWord(state: number): ConsentState {
  if (state === consentStates.allowed) return "allowed";
  if (state === consentStates.denied) return "denied";
  return "unknown";
}
