import type {
  AccountFileFacts,
  InboundRequest,
  Progress,
  ResponseReport,
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

/** An answer that was given. */
export interface GivenAnswer {
  readonly request: InboundRequest;
  readonly report: ResponseReport;
}

interface Opened {
  readonly file: ChosenFile;
  readonly facts: AccountFileFacts;
  readonly requests: readonly InboundRequest[];
  readonly answers: readonly GivenAnswer[];
}

/** XIP-31, "Converting a Backup Account File to a Remote Message Backup", as a person goes through it. */
export type AnswerState =
  | FileAccessState
  | {
      readonly step: "opening";
      readonly file: ChosenFile;
      readonly protection: Protection;
      readonly course: Course;
    }
  | (Opened & {
      readonly step: "requests";
      readonly checking: "idle" | "checking";
      readonly problem?: Problem & { readonly requestId?: string };
    })
  | (Opened & {
      readonly step: "answering";
      readonly request: InboundRequest;
      readonly decision: "approve" | "decline";
      readonly course: Course;
    })
  | (Pick<Opened, "facts" | "answers"> & { readonly step: "clearing" })
  | (Pick<Opened, "facts" | "answers"> & {
      readonly step: "done";
      readonly problem?: Problem;
    });

export type AnswerEvent =
  | FileAccessEvent
  | { readonly kind: "progressed"; readonly progress: Progress }
  | {
      readonly kind: "opened";
      readonly facts: AccountFileFacts;
      readonly requests: readonly InboundRequest[];
    }
  | { readonly kind: "notOpened"; readonly problem: Problem }
  | { readonly kind: "stopAsked" }
  | { readonly kind: "checkAsked" }
  | { readonly kind: "listed"; readonly requests: readonly InboundRequest[] }
  | { readonly kind: "notListed"; readonly problem: Problem }
  | {
      readonly kind: "decided";
      readonly requestId: string;
      readonly decision: "approve" | "decline";
    }
  | {
      readonly kind: "answered";
      readonly report: ResponseReport;
      /** Absent when they could not be listed anew. */
      readonly requests?: readonly InboundRequest[];
    }
  | {
      readonly kind: "notAnswered";
      readonly problem: Problem;
      /** Absent when they could not be listed anew. */
      readonly requests?: readonly InboundRequest[];
    }
  | { readonly kind: "finishAsked" }
  | { readonly kind: "cleared"; readonly problem?: Problem }
  | { readonly kind: "again" };

export type AnswerEffect =
  | FileAccessEffect
  | { readonly kind: "stop" }
  | { readonly kind: "list" }
  | {
      readonly kind: "respond";
      readonly requestId: string;
      readonly decision: "approve" | "decline";
    }
  | { readonly kind: "close" };

type AnswerStep = Step<AnswerState, AnswerEffect>;

/** Whether leaving the page would interrupt something. */
export function isAnswering({ step }: AnswerState): boolean {
  return ["opening", "requests", "answering", "clearing"].includes(step);
}

/** Events that do not fit where the task is are ignored: they come from work that was stopped. */
export function answerTransition(
  state: AnswerState,
  event: AnswerEvent,
): AnswerStep {
  switch (state.step) {
    case "choosing":
    case "looking":
    case "askingSecret":
      return fileAccessTransition<AnswerState>(
        state,
        event,
        (file, protection) => ({
          step: "opening",
          file,
          protection,
          course: noCourse,
        }),
      );
    case "opening":
      return whileOpening(state, event);
    case "requests":
      return amongRequests(state, event);
    case "answering":
      return whileAnswering(state, event);
    case "clearing":
      return event.kind === "cleared"
        ? goTo({
            step: "done",
            facts: state.facts,
            answers: state.answers,
            ...(event.problem && { problem: event.problem }),
          })
        : goTo(state);
    case "done":
      return goTo(event.kind === "again" ? choosing : state);
  }
}

function whileOpening(
  state: AnswerState & { step: "opening" },
  event: AnswerEvent,
): AnswerStep {
  switch (event.kind) {
    case "progressed":
      return goTo({ ...state, course: advance(state.course, event.progress) });
    case "opened":
      return goTo({
        step: "requests",
        file: state.file,
        facts: event.facts,
        requests: event.requests,
        answers: [],
        checking: "idle",
      });
    case "notOpened":
      return goTo(afterFailure(state, event.problem));
    case "stopAsked":
      return goTo(state, { kind: "stop" });
    default:
      return goTo(state);
  }
}

function amongRequests(
  state: AnswerState & { step: "requests" },
  event: AnswerEvent,
): AnswerStep {
  switch (event.kind) {
    case "checkAsked":
      return state.checking === "checking"
        ? goTo(state)
        : goTo({ ...state, checking: "checking" }, { kind: "list" });
    case "listed": {
      const { problem, ...rest } = state;
      // What went wrong with one request stays beside it until that one is answered.
      const kept = problem?.requestId === undefined ? {} : { problem };
      return goTo({
        ...rest,
        ...kept,
        checking: "idle",
        requests: event.requests,
      });
    }
    case "notListed":
      return goTo({ ...state, checking: "idle", problem: event.problem });
    case "decided":
      return decide(state, event);
    case "finishAsked":
      return goTo(
        { step: "clearing", facts: state.facts, answers: state.answers },
        { kind: "close" },
      );
    default:
      return goTo(state);
  }
}

function decide(
  state: AnswerState & { step: "requests" },
  { requestId, decision }: AnswerEvent & { kind: "decided" },
): AnswerStep {
  const request = state.requests.find((each) => each.requestId === requestId);
  if (request === undefined) return goTo(state);
  // Two requests with one PIN: nobody can say which of them is the person's.
  if (decision === "approve" && request.pinState === "conflict")
    return goTo(state);
  const { file, facts, requests, answers } = state;
  return goTo(
    {
      step: "answering",
      ...{ file, facts, requests, answers, request, decision },
      course: noCourse,
    },
    { kind: "respond", requestId, decision },
  );
}

function whileAnswering(
  state: AnswerState & { step: "answering" },
  event: AnswerEvent,
): AnswerStep {
  const { file, facts, answers, request } = state;
  switch (event.kind) {
    case "progressed":
      return goTo({ ...state, course: advance(state.course, event.progress) });
    case "answered":
      return goTo({
        step: "requests",
        ...{ file, facts, checking: "idle" },
        requests:
          event.requests ??
          state.requests.filter(
            ({ requestId }) => requestId !== request.requestId,
          ),
        answers: [...answers, { request, report: event.report }],
      });
    case "notAnswered":
      return goTo({
        step: "requests",
        ...{ file, facts, answers, checking: "idle" },
        requests: event.requests ?? state.requests,
        problem: { ...event.problem, requestId: request.requestId },
      });
    case "stopAsked":
      return goTo(state, { kind: "stop" });
    default:
      return goTo(state);
  }
}
