import type {
  MessageBackupFileSummary,
  XmtpArchiveSummary,
} from "@carryover/backup-file";
import type {
  BackupAccountFileInside,
  Progress,
  SecretChoice,
  StoredConversation,
  VerifyReport,
} from "@carryover/xmtp-browser";
import type { Problem } from "../../errors/problem.js";
import { goTo, type Step } from "../../machine/machine.js";
import { advance, type Course, noCourse } from "../../text/progress.js";
import type { ChosenFile } from "../shared/chosen-file.js";
import type { Protection } from "../shared/file-access.js";

/** What everybody can see of a file: which key it needs. */
export type Seen =
  | { readonly kind: "encrypted"; readonly protection: Protection }
  | { readonly kind: "archive" };

/** What opens a file. */
export type LookSecret =
  SecretChoice | { readonly kind: "archiveKey"; readonly key: Uint8Array };

/** What is in a file. */
export type Contents =
  | {
      readonly kind: "accountFile";
      readonly inspected: OpenedAccountFile;
      readonly conversations: readonly StoredConversation[] | Problem;
    }
  | {
      readonly kind: "history";
      readonly summary: MessageBackupFileSummary | XmtpArchiveSummary;
      /** Names of groups by conversation id. Other people chose them. */
      readonly names: ReadonlyMap<string, string>;
    };

/** With its contents. */
export type OpenedAccountFile = BackupAccountFileInside["file"];

/** Looking inside a file, without a word to anybody, as a person goes through it. */
export type LookState =
  | { readonly step: "choosing"; readonly problem?: Problem }
  | { readonly step: "looking"; readonly file: ChosenFile }
  | {
      readonly step: "askingSecret";
      readonly file: ChosenFile;
      readonly seen: Seen;
      readonly problem?: Problem;
    }
  | {
      readonly step: "opening";
      readonly file: ChosenFile;
      readonly seen: Seen;
      readonly course: Course;
    }
  | {
      readonly step: "shown";
      readonly file: ChosenFile;
      readonly contents: Contents;
      /** A restore that was tried with the network, on request. */
      readonly drill?: VerifyReport;
      readonly problem?: Problem;
    }
  | {
      readonly step: "drilling";
      readonly file: ChosenFile;
      readonly contents: Contents;
      readonly course: Course;
    };

export type LookEvent =
  | { readonly kind: "fileChosen"; readonly file: ChosenFile }
  | { readonly kind: "seen"; readonly seen: Seen }
  | { readonly kind: "refused"; readonly problem: Problem }
  | { readonly kind: "secretGiven"; readonly secret: LookSecret }
  | { readonly kind: "progressed"; readonly progress: Progress }
  | { readonly kind: "opened"; readonly contents: Contents }
  | { readonly kind: "notOpened"; readonly problem: Problem }
  | { readonly kind: "drillAsked" }
  | { readonly kind: "drilled"; readonly drill: VerifyReport }
  | { readonly kind: "notDrilled"; readonly problem: Problem }
  | { readonly kind: "stopAsked" }
  | { readonly kind: "closeAsked" };

export type LookEffect =
  | { readonly kind: "lookAt"; readonly file: ChosenFile }
  | {
      readonly kind: "open";
      readonly file: ChosenFile;
      readonly seen: Seen;
      readonly secret: LookSecret;
    }
  | { readonly kind: "drill"; readonly file: ChosenFile }
  | { readonly kind: "stop" }
  | { readonly kind: "forget" };

type LookStep = Step<LookState, LookEffect>;

/** Whether leaving the page would interrupt something. */
export function isLooking({ step }: LookState): boolean {
  return step === "opening" || step === "drilling";
}

/** What is wrong with the file, and not with the key that was given. */
const ofTheFile: ReadonlySet<string> = new Set([
  "notAccountFile",
  "formatUnknown",
  "truncated",
  "altered",
  "trailingData",
  "fileTruncated",
  "fileAltered",
  "archiveTruncated",
  "headerInvalid",
  "databaseMismatch",
]);

/** Events that do not fit where the task is are ignored: they come from work that was stopped. */
export function lookTransition(state: LookState, event: LookEvent): LookStep {
  if (event.kind === "fileChosen" && !isLooking(state))
    return goTo(
      { step: "looking", file: event.file },
      { kind: "forget" },
      { kind: "lookAt", file: event.file },
    );
  if (event.kind === "closeAsked" && !isLooking(state))
    return goTo({ step: "choosing" }, { kind: "forget" });
  switch (state.step) {
    case "choosing":
      return goTo(state);
    case "looking":
      if (event.kind === "seen")
        return goTo({
          step: "askingSecret",
          file: state.file,
          seen: event.seen,
        });
      return goTo(
        event.kind === "refused"
          ? { step: "choosing", problem: event.problem }
          : state,
      );
    case "askingSecret": {
      if (event.kind !== "secretGiven") return goTo(state);
      const { file, seen } = state;
      return goTo(
        { step: "opening", file, seen, course: noCourse },
        { kind: "open", file, seen, secret: event.secret },
      );
    }
    case "opening":
      return whileOpening(state, event);
    case "shown": {
      if (event.kind !== "drillAsked" || state.contents.kind !== "accountFile")
        return goTo(state);
      const { file, contents } = state;
      return goTo(
        { step: "drilling", file, contents, course: noCourse },
        { kind: "drill", file },
      );
    }
    case "drilling":
      return whileDrilling(state, event);
  }
}

function whileOpening(
  state: LookState & { step: "opening" },
  event: LookEvent,
): LookStep {
  const { file, seen } = state;
  switch (event.kind) {
    case "progressed":
      return goTo({ ...state, course: advance(state.course, event.progress) });
    case "opened":
      return goTo({ step: "shown", file, contents: event.contents });
    case "notOpened": {
      const { problem } = event;
      return ofTheFile.has(problem.code)
        ? goTo({ step: "choosing", problem }, { kind: "forget" })
        : goTo({ step: "askingSecret", file, seen, problem });
    }
    case "stopAsked":
      return goTo(state, { kind: "stop" });
    default:
      return goTo(state);
  }
}

function whileDrilling(
  state: LookState & { step: "drilling" },
  event: LookEvent,
): LookStep {
  const { file, contents } = state;
  switch (event.kind) {
    case "progressed":
      return goTo({ ...state, course: advance(state.course, event.progress) });
    case "drilled":
      return goTo({ step: "shown", file, contents, drill: event.drill });
    case "notDrilled":
      return goTo({ step: "shown", file, contents, problem: event.problem });
    case "stopAsked":
      return goTo(state, { kind: "stop" });
    default:
      return goTo(state);
  }
}
