import { counted, formatBytes } from "@carryover/client/words";
import { useEffect } from "react";
import type { AppConfig } from "../../config/parse-config.js";
import { useTaskState } from "../../machine/use-task.js";
import { leftOutWords } from "../../text/file-words.js";
import { BeingCleared } from "../../ui/being-cleared.js";
import { ClearedNotice } from "../../ui/cleared-notice.js";
import { clearedTitle } from "../../ui/cleared-title.js";
import { FileAndSecret } from "../../ui/file-and-secret.js";
import { FileFacts } from "../../ui/file-facts.js";
import { Notice } from "../../ui/notice.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";
import { ProgressView } from "../../ui/progress-view.js";
import { TaskPage } from "../../ui/task-page.js";
import { WhatHappens } from "../../ui/what-happens.js";
import type { RunningTask } from "../shared/running-task.js";
import type { AnswerEvent, AnswerState, GivenAnswer } from "./answer-state.js";
import { RequestCard } from "./request-card.js";

type Send = (event: AnswerEvent) => void;

const checkEveryMs = 5_000;

const stepTitles = {
  choosing: undefined,
  looking: undefined,
  askingSecret: "Open the file",
  opening: "Opening the file on this machine",
  requests: "Who asks for your history",
  answering: "Answering",
  clearing: "Clearing this browser",
  done: "Done",
} as const satisfies Record<AnswerState["step"], string | undefined>;

/** "Answer a request with a Backup Account File". */
export function AnswerPage({
  task,
  config,
}: {
  task: RunningTask<AnswerState, AnswerEvent>;
  config: AppConfig;
}) {
  const state = useTaskState(task);
  const send: Send = (event) => task.send(event);
  return (
    <TaskPage
      title="Answer a request"
      step={state.step}
      stepTitle={
        state.step === "done"
          ? clearedTitle(stepTitles.done, state.problem)
          : stepTitles[state.step]
      }
      intro={
        <p className="lead">
          A new device asks for your messages, and no old device is at hand:
          your Backup Account File answers in its place.
        </p>
      }
    >
      <AnswerStep state={state} send={send} config={config} />
    </TaskPage>
  );
}

function AnswerStep({
  state,
  send,
  config,
}: {
  state: AnswerState;
  send: Send;
  config: AppConfig;
}) {
  switch (state.step) {
    case "choosing":
    case "looking":
      return (
        <>
          {config.storageOrigins.length === 0 && <NoStorage />}
          <FileAndSecret state={state} send={send} action="Open" />
          <Explanation />
        </>
      );
    case "askingSecret":
      return (
        <FileAndSecret
          state={state}
          send={send}
          action="Open on this machine"
        />
      );
    case "opening":
      return (
        <ProgressView
          course={state.course}
          onStop={() => send({ kind: "stopAsked" })}
        />
      );
    case "requests":
      return <Requests state={state} send={send} config={config} />;
    case "answering":
      return (
        <>
          <p>
            {state.decision === "approve" ? (
              <>
                Sending your history to{" "}
                <OthersWords text={state.request.appName} />, encrypted for that
                device alone. Keep this page open.
              </>
            ) : (
              "Declining. Nothing is sent."
            )}
          </p>
          <ProgressView
            course={state.course}
            onStop={
              state.decision === "approve"
                ? () => send({ kind: "stopAsked" })
                : undefined
            }
          />
        </>
      );
    case "clearing":
      return <BeingCleared />;
    case "done":
      return (
        <>
          <GivenAnswers answers={state.answers} />
          <ClearedNotice problem={state.problem}>
            <p>
              What was unpacked of the file was in memory alone. The file itself
              was not changed: keep it where it was.
            </p>
            <p>
              Nor are there notes: at another visit a request that was answered
              can be shown again until it expires. A second yes sends nothing.
            </p>
          </ClearedNotice>
          <FileFacts facts={state.facts} />
          <button type="button" onClick={() => send({ kind: "again" })}>
            Open a file again
          </button>
        </>
      );
  }
}

function NoStorage() {
  return (
    <Notice kind="warn" title="This site names no storage service">
      <p>
        It can open your file, and sends history nowhere: no request can be
        answered here. Whoever runs the site has to name one in config.json.
      </p>
    </Notice>
  );
}

function Explanation() {
  return (
    <WhatHappens
      steps={[
        "You choose the file and give its secret. Both stay on this machine.",
        "The file is opened in memory, and fetches from the XMTP network what came since it was made.",
        "You see who asks, and the PIN. Nothing is sent before you approve.",
        "After your yes the history is encrypted for that one device, and goes to it through the storage service, which cannot read it.",
        "Everything is cleared from this browser. The file stays as it is.",
      ]}
      needs={[
        "Your Backup Account File, and its passphrase, wallet or passkey.",
        "The new device, showing a PIN: there, ask for the history and say that a Backup Account File will answer.",
      ]}
    />
  );
}

function Requests({
  state,
  send,
  config,
}: {
  state: AnswerState & { step: "requests" };
  send: Send;
  config: AppConfig;
}) {
  const { requests, answers, problem } = state;
  useEffect(() => {
    const timer = setInterval(() => send({ kind: "checkAsked" }), checkEveryMs);
    return () => clearInterval(timer);
  });
  return (
    <>
      <GivenAnswers answers={answers} />
      <p role="status">
        {requests.length === 0
          ? "Nobody asks at the moment."
          : `${counted(requests.length, "request")} ${requests.length === 1 ? "waits" : "wait"} for your answer.`}
      </p>
      <ProblemView
        problem={problem?.requestId === undefined ? problem : undefined}
      />
      {requests.length === 0 && <HowToAsk config={config} />}
      {requests.map((request) => (
        <RequestCard
          key={request.requestId}
          request={request}
          problem={
            problem?.requestId === request.requestId ? problem : undefined
          }
          onDecide={(decision) =>
            send({ kind: "decided", requestId: request.requestId, decision })
          }
        />
      ))}
      {problem?.requestId !== undefined &&
        !requests.some(({ requestId }) => requestId === problem.requestId) && (
          <ProblemView problem={problem} title="It was not answered" />
        )}
      <div className="buttons">
        <button type="button" onClick={() => send({ kind: "checkAsked" })}>
          Check again
        </button>
        <button
          type="button"
          className={requests.length === 0 ? "primary" : ""}
          onClick={() => send({ kind: "finishAsked" })}
        >
          Finish and clear
        </button>
      </div>
      <details>
        <summary>About this file</summary>
        <FileFacts facts={state.facts} />
      </details>
    </>
  );
}

function HowToAsk({ config }: { config: AppConfig }) {
  return (
    <Notice kind="info" title="On the device that lacks the history">
      <p>
        Ask there for the history, and say that a Backup Account File will
        answer. The request appears here by itself; this page looks every few
        seconds.
      </p>
      {config.storageOrigins.length > 0 && (
        <p>
          Only requests that go through{" "}
          {config.storageOrigins.map((origin, index) => (
            <span key={origin}>
              {index > 0 && " or "}
              <code>{origin}</code>
            </span>
          ))}{" "}
          are shown: this site sends history nowhere else.
        </p>
      )}
    </Notice>
  );
}

function GivenAnswers({ answers }: { answers: readonly GivenAnswer[] }) {
  return answers.map(({ request, report }) => (
    <Notice
      key={request.requestId}
      kind="good"
      title={report.outcome === "responded" ? "Sent" : "Declined"}
    >
      {report.outcome === "responded" ? (
        <>
          <p>
            {counted(report.messageCount, "message")} in{" "}
            {counted(report.conversationCount, "conversation")} went to{" "}
            <OthersWords text={request.appName} /> (
            {formatBytes(report.sizeBytes)}, encrypted). Import them there.
          </p>
          {leftOutWords(report.leftOut).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </>
      ) : (
        <p>
          Nothing was sent to <OthersWords text={request.appName} />. The other
          device is not told: it waits until its request expires.
        </p>
      )}
    </Notice>
  ));
}
