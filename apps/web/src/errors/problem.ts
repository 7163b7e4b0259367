import { AccountFileError } from "@carryover/account-file";
import { BackupFileError } from "@carryover/backup-file";
import { CarryoverError } from "@carryover/client";
import { ConfigError } from "../config/parse-config.js";
import { MakeError } from "../tasks/make/make-error.js";
import { WalletError } from "../wallet/wallet-error.js";

/** What went wrong, for a person. Holds no secret: errors never do. */
export interface Problem {
  /** A word to branch on, and to tell whoever helps. */
  readonly code: string;
  /** What happened. */
  readonly message: string;
  /** What was kept, and what to do now. */
  readonly advice: string;
  /** Whether the same can succeed later. */
  readonly retryable: boolean;
  /** An installation that is registered and that no file holds. */
  readonly installationId: string | undefined;
}

/** Turns whatever was thrown into words. */
export function problemOf(error: unknown): Problem {
  if (error instanceof CarryoverError) {
    const { code, message, advice, retryable, installationId, cause } = error;
    return {
      code,
      // Of a file that was not finished it is more worth to know why.
      message:
        code === "accountFileFailed" && cause !== undefined
          ? problemOf(cause).message
          : sentence(message),
      // "Another process" is another tab here.
      advice:
        code === "stateLocked"
          ? "Another tab of this page is open. Close it, then try again."
          : advice,
      retryable,
      installationId,
    };
  }
  if (
    error instanceof AccountFileError ||
    error instanceof BackupFileError ||
    error instanceof MakeError ||
    error instanceof WalletError
  ) {
    const { code, message, advice, retryable } = error;
    return {
      code,
      message: sentence(message),
      advice,
      retryable,
      installationId: undefined,
    };
  }
  if (error instanceof ConfigError)
    return {
      code: "configInvalid",
      message: sentence(error.message),
      advice: error.advice,
      retryable: false,
      installationId: undefined,
    };
  return {
    code: "unexpected",
    // What is not ours may hold anything.
    message: "Something unexpected happened.",
    advice:
      "Nothing more is sent. Reload the page and begin again; if it happens again, tell whoever runs this site what you did.",
    retryable: false,
    installationId: undefined,
  };
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? "" : "."}`;
}
