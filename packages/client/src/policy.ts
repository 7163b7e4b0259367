import { CarryoverError } from "./errors.js";
import { parseAllowedOrigins } from "./storage/storage-origin.js";

/** What an app decides. Everything has a safe default but the storage services. */
export interface Policy {
  /**
   * Origins of Backup Storage Providers that history may be uploaded to, such as `https://backups.example.org`. Plain
   * `http` is accepted for loopback alone.
   */
  allowedStorageOrigins: readonly string[];
  /** `show`: a person compares the PIN. `enter`: they type the PIN that the other screen shows. */
  pinMode: "show" | "enter";
  /** Requests older than this are ignored, milliseconds. */
  maxRequestAgeMs: number;
  /** How long an own request waits for an answer, milliseconds. */
  requestLifetimeMs: number;
  /** Whether the asking installation learns of a "no". */
  onDecline: "tellRequester" | "staySilent";
  /**
   * Whether an approval also adds the asking installation to this one's conversations, so that what it restores is live at
   * once.
   */
  onApprove: "makeConversationsLive" | "leaveConversations";
  /** Largest Message Backup File that is downloaded, bytes. */
  maxBackupFileBytes: number;
  /** Time for the library to import one batch, milliseconds. */
  importTimeoutMs: number;
  /** Installations of XMTP's limit that a new Backup Account File must leave for the person's devices. */
  minInstallationsLeft: number;
  /** Identity updates of XMTP's limit that a new Backup Account File must leave. */
  minIdentityUpdatesLeft: number;
  /** How long the XMTP network keeps messages, milliseconds. */
  networkKeepsMessagesMs: number;
  /** How long a refresh waits for the library to renew the key package, milliseconds. */
  keyPackageTimeoutMs: number;
}

const hourMs = 60 * 60 * 1_000;

/** The defaults of {@link Policy}. */
export const defaultPolicy: Policy = {
  allowedStorageOrigins: [],
  pinMode: "show",
  maxRequestAgeMs: 24 * hourMs,
  requestLifetimeMs: 24 * hourMs,
  onDecline: "tellRequester",
  onApprove: "makeConversationsLive",
  maxBackupFileBytes: 16 * 1024 ** 3,
  importTimeoutMs: 120_000,
  minInstallationsLeft: 2,
  minIdentityUpdatesLeft: 16,
  networkKeepsMessagesMs: 30 * 24 * hourMs,
  keyPackageTimeoutMs: 10_000,
};

/**
 * Completes and checks what an app decided, so that a slip is an error at start and not a refusal months later.
 *
 * @throws {CarryoverError} `invalidOption`
 */
export function parsePolicy(options: Partial<Policy>): Policy {
  const policy = { ...defaultPolicy, ...options };
  for (const name of [
    "maxRequestAgeMs",
    "requestLifetimeMs",
    "maxBackupFileBytes",
    "importTimeoutMs",
    "networkKeepsMessagesMs",
    "keyPackageTimeoutMs",
  ] as const)
    if (!Number.isSafeInteger(policy[name]) || policy[name] <= 0)
      throw new CarryoverError(
        "invalidOption",
        `${name}: must be a whole number above 0`,
      );
  for (const name of [
    "minInstallationsLeft",
    "minIdentityUpdatesLeft",
  ] as const)
    if (!Number.isSafeInteger(policy[name]) || policy[name] < 0)
      throw new CarryoverError(
        "invalidOption",
        `${name}: must be a whole number, 0 or above`,
      );
  if (policy.pinMode !== "show" && policy.pinMode !== "enter")
    throw new CarryoverError("invalidOption", "pinMode: must be show or enter");
  if (policy.onDecline !== "tellRequester" && policy.onDecline !== "staySilent")
    throw new CarryoverError(
      "invalidOption",
      "onDecline: must be tellRequester or staySilent",
    );
  if (
    policy.onApprove !== "makeConversationsLive" &&
    policy.onApprove !== "leaveConversations"
  )
    throw new CarryoverError(
      "invalidOption",
      "onApprove: must be makeConversationsLive or leaveConversations",
    );
  return {
    ...policy,
    allowedStorageOrigins: parseAllowedOrigins(policy.allowedStorageOrigins),
  };
}

/** Clocks of two devices differ: a request may be this much from the future, milliseconds. */
export const clockToleranceMs = 5 * 60 * 1_000;
