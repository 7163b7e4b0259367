import {
  accountFileFromBlob,
  type BackupAccountFileSession,
  type InboundRequest,
  openBackupAccountFileForRequests,
} from "@carryover/xmtp-browser";
import type { AppConfig } from "../../config/parse-config.js";
import { problemOf } from "../../errors/problem.js";
import { createTask } from "../../machine/task.js";
import { choosing } from "../shared/file-access.js";
import { createLongWork } from "../shared/long-work.js";
import { lookAtProtection } from "../shared/look-at-protection.js";
import { networkOfConfig } from "../shared/network.js";
import type { RunningTask } from "../shared/running-task.js";
import { stoppableSecret } from "../shared/stoppable-signer.js";
import {
  type AnswerEffect,
  type AnswerEvent,
  type AnswerState,
  answerTransition,
  isAnswering,
} from "./answer-state.js";

/** The place for the upload is used: most likely by an earlier visit, that kept no notes. */
const alreadyAnswered = {
  code: "uploadAuthorizationUsed",
  message: "Something was uploaded for this request before. Nothing was sent.",
  advice:
    "Look at the other device first: if it was answered at an earlier visit, its history is there. If it is not, ask again from there.",
};

/**
 * Carries out "Answer a request with a Backup Account File".
 *
 * @param clear - called at the end
 */
export function createAnswerTask(
  config: AppConfig,
  clear: () => Promise<void>,
): RunningTask<AnswerState, AnswerEvent> {
  const work = createLongWork();
  let session: BackupAccountFileSession | undefined;
  /**
   * Requests that were answered since this page was opened. A file that is opened anew cannot read what it sent itself: to it
   * they look as if they waited.
   */
  const answered = new Set<string>();

  const list = async (): Promise<InboundRequest[]> =>
    ((await session?.listInboundBackupRequests()) ?? []).filter(
      ({ requestId }) => !answered.has(requestId),
    );

  const close = async () => {
    const open = session;
    session = undefined;
    await open?.close();
  };

  const perform = (
    effect: AnswerEffect,
    send: (event: AnswerEvent) => void,
  ) => {
    const progressed = (
      progress: (AnswerEvent & { kind: "progressed" })["progress"],
    ) => send({ kind: "progressed", progress });
    switch (effect.kind) {
      case "lookAt":
        lookAtProtection(work, effect.file, send);
        return;
      case "open":
        work.run(
          async (bound) => {
            session = await openBackupAccountFileForRequests({
              network: networkOfConfig(config),
              policy: { allowedStorageOrigins: config.storageOrigins },
              file: accountFileFromBlob(effect.file.blob),
              secret: stoppableSecret(effect.secret, work),
              ...bound,
            });
            try {
              bound.signal.throwIfAborted();
              return {
                facts: session.file,
                requests: await list(),
              };
            } catch (error) {
              await close();
              throw error;
            }
          },
          {
            progressed,
            done: (opened) => send({ kind: "opened", ...opened }),
            failed: (problem) => send({ kind: "notOpened", problem }),
          },
        );
        return;
      case "list":
        work.run(list, {
          done: (requests) => send({ kind: "listed", requests }),
          failed: (problem) => send({ kind: "notListed", problem }),
        });
        return;
      case "respond":
        respond(effect, send, progressed);
        return;
      case "stop":
        work.stop();
        return;
      case "close":
        work.run(
          async () => {
            await close();
            await clear();
          },
          {
            done: () => send({ kind: "cleared" }),
            failed: (problem) => send({ kind: "cleared", problem }),
          },
        );
    }
  };

  const respond = (
    { requestId, decision }: AnswerEffect & { kind: "respond" },
    send: (event: AnswerEvent) => void,
    progressed: (
      progress: (AnswerEvent & { kind: "progressed" })["progress"],
    ) => void,
  ) => {
    const open = session;
    work.run(
      async (bound) => {
        if (open === undefined) throw new Error("nothing is open");
        try {
          const report = await open.respondToBackupRequest(
            requestId,
            decision,
            bound,
          );
          answered.add(requestId);
          return { kind: "answered" as const, report };
        } catch (error) {
          const problem = problemOf(error);
          if (problem.code !== alreadyAnswered.code)
            return { kind: "notAnswered" as const, problem };
          answered.add(requestId);
          return {
            kind: "notAnswered" as const,
            problem: { ...problem, ...alreadyAnswered },
          };
        }
      },
      {
        progressed,
        done: (outcome) => {
          work.run(list, {
            done: (requests) => send({ ...outcome, requests }),
            // The list can be fetched again: what counts is the answer.
            failed: () => send(outcome),
          });
        },
        failed: (problem) => send({ kind: "notAnswered", problem }),
      },
    );
  };

  const task = createTask<AnswerState, AnswerEvent, AnswerEffect>(
    choosing,
    answerTransition,
    perform,
  );
  return {
    ...task,
    isBusy: () => isAnswering(task.getState()),
    dispose: async () => {
      work.stop();
      await close();
      await work.settled();
      await close();
      answered.clear();
    },
  };
}
