import type {
  AccountFileFacts,
  Progress,
  RestoredArchive,
} from "@carryover/xmtp-browser";
import type { Problem } from "../../errors/problem.js";
import { goTo, type Step } from "../../machine/machine.js";
import { advance, type Course, noCourse } from "../../text/progress.js";
import type { ChosenFile } from "../shared/chosen-file.js";
import {
  afterFailure,
  choosing,
  type FileAccessEffect,
  type FileAccessEvent,
  type FileAccessState,
  fileAccessTransition,
  type Protection,
} from "../shared/file-access.js";

/** An archive that is ready to be saved. Its key is not in the state. */
export interface ReadyArchive {
  readonly facts: AccountFileFacts;
  readonly counts: Pick<
    RestoredArchive,
    "conversationCount" | "messageCount" | "leftOut"
  >;
  readonly sizeBytes: number;
}

/** From a Backup Account File to an XMTP archive, as a person goes through it. */
export type RestoreState =
  | FileAccessState
  | {
      readonly step: "restoring";
      readonly file: ChosenFile;
      readonly protection: Protection;
      readonly course: Course;
    }
  | {
      readonly step: "ready";
      readonly archive: ReadyArchive;
      readonly archiveSaved: "no" | "yes";
      readonly keySaved: "no" | "yes";
      readonly problem?: Problem;
    }
  | { readonly step: "clearing"; readonly archive: ReadyArchive }
  | {
      readonly step: "done";
      readonly archive: ReadyArchive;
      readonly problem?: Problem;
    };

export type RestoreEvent =
  | FileAccessEvent
  | { readonly kind: "progressed"; readonly progress: Progress }
  | { readonly kind: "restored"; readonly archive: ReadyArchive }
  | { readonly kind: "notRestored"; readonly problem: Problem }
  | { readonly kind: "stopAsked" }
  | { readonly kind: "saveAsked"; readonly what: "archive" | "key" }
  | { readonly kind: "saved"; readonly what: "archive" | "key" }
  | { readonly kind: "notSaved"; readonly problem: Problem }
  | { readonly kind: "finishAsked" }
  | { readonly kind: "cleared"; readonly problem?: Problem }
  | { readonly kind: "again" };

export type RestoreEffect =
  | FileAccessEffect
  | { readonly kind: "stop" }
  | { readonly kind: "save"; readonly what: "archive" | "key" }
  | { readonly kind: "close" };

type RestoreStep = Step<RestoreState, RestoreEffect>;

/** Whether leaving the page would interrupt something. */
export function isRestoring({ step }: RestoreState): boolean {
  return ["restoring", "ready", "clearing"].includes(step);
}

/** Events that do not fit where the task is are ignored: they come from work that was stopped. */
export function restoreTransition(
  state: RestoreState,
  event: RestoreEvent,
): RestoreStep {
  switch (state.step) {
    case "choosing":
    case "looking":
    case "askingSecret":
      return fileAccessTransition<RestoreState>(
        state,
        event,
        (file, protection) => ({
          step: "restoring",
          file,
          protection,
          course: noCourse,
        }),
      );
    case "restoring":
      switch (event.kind) {
        case "progressed":
          return goTo({
            ...state,
            course: advance(state.course, event.progress),
          });
        case "restored":
          return goTo({
            step: "ready",
            archive: event.archive,
            archiveSaved: "no",
            keySaved: "no",
          });
        case "notRestored":
          return goTo(afterFailure(state, event.problem));
        case "stopAsked":
          return goTo(state, { kind: "stop" });
        default:
          return goTo(state);
      }
    case "ready":
      return whenReady(state, event);
    case "clearing":
      return event.kind === "cleared"
        ? goTo({
            step: "done",
            archive: state.archive,
            ...(event.problem && { problem: event.problem }),
          })
        : goTo(state);
    case "done":
      return goTo(event.kind === "again" ? choosing : state);
  }
}

function whenReady(
  state: RestoreState & { step: "ready" },
  event: RestoreEvent,
): RestoreStep {
  const { archive, archiveSaved, keySaved } = state;
  const saved = { archiveSaved, keySaved };
  switch (event.kind) {
    case "saveAsked":
      return goTo(
        { step: "ready", archive, ...saved },
        { kind: "save", what: event.what },
      );
    case "saved":
      return goTo({
        step: "ready",
        archive,
        ...saved,
        ...(event.what === "archive"
          ? { archiveSaved: "yes" }
          : { keySaved: "yes" }),
      });
    case "notSaved":
      return goTo({
        step: "ready",
        archive,
        ...saved,
        problem: event.problem,
      });
    case "finishAsked":
      return goTo({ step: "clearing", archive }, { kind: "close" });
    default:
      return goTo(state);
  }
}
