import type {
  InspectedBackupAccountFile,
  SecretChoice,
} from "@carryover/xmtp-browser";
import type { Problem } from "../../errors/problem.js";
import type { ChosenFile } from "./chosen-file.js";

/** What a file says, to everybody, of what opens it. */
export type Protection = InspectedBackupAccountFile["protection"];

/** The way from nothing to a file and its secret: how three tasks begin. The secret itself is in no state. */
export type FileAccessState =
  | { readonly step: "choosing"; readonly problem?: Problem }
  | { readonly step: "looking"; readonly file: ChosenFile }
  | {
      readonly step: "askingSecret";
      readonly file: ChosenFile;
      readonly protection: Protection;
      readonly problem?: Problem;
    };

export type FileAccessEvent =
  | { readonly kind: "fileChosen"; readonly file: ChosenFile }
  | { readonly kind: "lookedAt"; readonly protection: Protection }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "anotherFile" }
  | { readonly kind: "secretGiven"; readonly secret: SecretChoice };

export type FileAccessEffect =
  | { readonly kind: "lookAt"; readonly file: ChosenFile }
  | {
      readonly kind: "open";
      readonly file: ChosenFile;
      readonly secret: SecretChoice;
    };

/** Nothing is chosen. */
export const choosing: FileAccessState = { step: "choosing" };

/** What a person can put right by giving the secret again. */
const curable = new Set([
  "wrongPassphrase",
  "wrongWallet",
  "wrongIdentity",
  "identityInvalid",
  "identityMismatch",
  "archiveKeyInvalid",
  "archiveKeyMismatch",
  "walletSignatureMismatch",
  "walletRefused",
  "notConfirmed",
  // Or by trying again.
  "aborted",
  "networkUnavailable",
]);

/** Where a file that did not open leads: back to its secret, or back to the choice of a file. */
export function afterFailure(
  { file, protection }: { file: ChosenFile; protection: Protection },
  problem: Problem,
): FileAccessState {
  return curable.has(problem.code)
    ? { step: "askingSecret", file, protection, problem }
    : { step: "choosing", problem };
}
