import { type Member } from "./member-identifier.js";

/** What one action of an identity update says to the person who signs it. */
export type ActionText =
  | { readonly kind: "createInbox"; readonly owner: Member }
  | { readonly kind: "add" | "revoke"; readonly member: Member }
  | { readonly kind: "changeRecovery"; readonly recovery: Member };

const labels = {
  installation: "ID",
  ethereum: "Address",
  passkey: "Passkey",
} as const;

const adds = {
  installation: "Grant messaging access to app",
  ethereum: "Link address to inbox",
  passkey: "Link passkey to inbox",
} as const;

const revokes = {
  installation: "Revoke messaging access from app",
  ethereum: "Unlink address from inbox",
  passkey: "Unlink passkey from inbox",
} as const;

/** The text that every signature of an identity update is over (XIP-46). */
export function identityText(
  inboxId: string,
  clientTimestampNs: bigint,
  actions: readonly ActionText[],
): string {
  return [
    "XMTP : Authenticate to inbox",
    "",
    `Inbox ID: ${inboxId}`,
    `Current time: ${formatTime(clientTimestampNs)}`,
    "",
    ...actions.map(formatAction),
    "",
    "For more info: https://xmtp.org/signatures",
  ].join("\n");
}

function formatAction(action: ActionText): string {
  switch (action.kind) {
    case "createInbox":
      return `- Create inbox\n  (Owner: ${action.owner.text})`;
    case "add":
      return `- ${adds[action.member.kind]}\n  (${labels[action.member.kind]}: ${action.member.text})`;
    case "revoke":
      return `- ${revokes[action.member.kind]}\n  (${labels[action.member.kind]}: ${action.member.text})`;
    case "changeRecovery":
      return `- Change inbox recovery address\n  (Address: ${action.recovery.text})`;
  }
}

function formatTime(unsignedNs: bigint): string {
  const ns = BigInt.asIntN(64, unsignedNs);
  const secondNs = 1_000_000_000n;
  // Rounded down also before 1970, where division of integers would round up.
  const seconds =
    (ns - BigInt.asUintN(1, ns >> 63n) * (secondNs - 1n)) / secondNs;
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z");
}
