import type {
  InspectedBackupAccountFile,
  SecretChoice,
} from "@carryover/xmtp-browser";
import type { Problem } from "../../errors/problem.js";
import { goTo, type Step } from "../../machine/machine.js";
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

/** Any event of a task that begins so. */
type AnyEvent = FileAccessEvent | { readonly kind: string };

const kinds: readonly string[] = [
  "fileChosen",
  "lookedAt",
  "refused",
  "anotherFile",
  "secretGiven",
] satisfies readonly FileAccessEvent["kind"][];

const isFileAccessEvent = (event: AnyEvent): event is FileAccessEvent =>
  kinds.includes(event.kind);

/**
 * The table of this way. Events that do not fit are ignored.
 *
 * @param opening - the task's own state, in which the file is opened with the secret that was given
 */
export function fileAccessTransition<Opening>(
  state: FileAccessState,
  event: AnyEvent,
  opening: (file: ChosenFile, protection: Protection) => Opening,
): Step<FileAccessState | Opening, FileAccessEffect> {
  if (!isFileAccessEvent(event)) return goTo(state);
  switch (event.kind) {
    case "fileChosen":
      return goTo(
        { step: "looking", file: event.file },
        { kind: "lookAt", file: event.file },
      );
    case "anotherFile":
      return goTo(choosing);
    case "lookedAt":
      return goTo(
        state.step === "looking"
          ? {
              step: "askingSecret",
              file: state.file,
              protection: event.protection,
            }
          : state,
      );
    case "refused":
      return goTo(
        state.step === "looking"
          ? { step: "choosing", problem: event.problem }
          : state,
      );
    case "secretGiven":
      return state.step === "askingSecret"
        ? goTo<FileAccessState | Opening, FileAccessEffect>(
            opening(state.file, state.protection),
            { kind: "open", file: state.file, secret: event.secret },
          )
        : goTo(state);
  }
}

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
