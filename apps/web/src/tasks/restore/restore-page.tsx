import { counted, formatBytes } from "@carryover/client/words";
import { useTaskState } from "../../machine/use-task.js";
import { leftOutWords } from "../../text/file-words.js";
import { BeingCleared } from "../../ui/being-cleared.js";
import { ClearedNotice } from "../../ui/cleared-notice.js";
import { clearedTitle } from "../../ui/cleared-title.js";
import { FileAndSecret } from "../../ui/file-and-secret.js";
import { FileFacts } from "../../ui/file-facts.js";
import { Notice } from "../../ui/notice.js";
import { ProblemView } from "../../ui/problem-view.js";
import { ProgressView } from "../../ui/progress-view.js";
import { TaskPage } from "../../ui/task-page.js";
import { WhatHappens } from "../../ui/what-happens.js";
import type { RunningTask } from "../shared/running-task.js";
import type {
  ReadyArchive,
  RestoreEvent,
  RestoreState,
} from "./restore-state.js";

type Send = (event: RestoreEvent) => void;

const stepTitles = {
  choosing: undefined,
  looking: undefined,
  askingSecret: "Open the file",
  restoring: "Reading the history",
  ready: "Save the archive and its key",
  clearing: "Clearing this browser",
  done: "Done",
} as const satisfies Record<RestoreState["step"], string | undefined>;

/** "Restore to an archive". */
export function RestorePage({
  task,
}: {
  task: RunningTask<RestoreState, RestoreEvent>;
}) {
  const state = useTaskState(task);
  return (
    <TaskPage
      title="Restore to an archive"
      step={state.step}
      stepTitle={
        state.step === "done"
          ? clearedTitle(stepTitles.done, state.problem)
          : stepTitles[state.step]
      }
      intro={
        <p className="lead">
          The messages that your Backup Account File brings back, saved as an
          XMTP archive for an app that imports one.
        </p>
      }
    >
      <RestoreStep state={state} send={(event) => task.send(event)} />
    </TaskPage>
  );
}

function RestoreStep({ state, send }: { state: RestoreState; send: Send }) {
  switch (state.step) {
    case "choosing":
    case "looking":
      return (
        <>
          <FileAndSecret state={state} send={send} action="Open" />
          <WhatHappens
            steps={[
              "You choose the file and give its secret. Both stay on this machine.",
              "The file is opened in memory, and fetches from the XMTP network what came since it was made. Nothing is changed there.",
              "You save two files: the archive, which is encrypted, and the key that opens it.",
              "Everything is cleared from this browser. The Backup Account File stays as it is.",
            ]}
            needs={[
              "Your Backup Account File, and its passphrase, wallet or passkey.",
              "An app that imports XMTP archives.",
            ]}
          />
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
    case "restoring":
      return (
        <ProgressView
          course={state.course}
          onStop={() => send({ kind: "stopAsked" })}
        />
      );
    case "ready":
      return <Ready state={state} send={send} />;
    case "clearing":
      return <BeingCleared />;
    case "done":
      return (
        <>
          <ClearedNotice problem={state.problem}>
            <p>
              Import the archive with its key in your app, then delete both:
              whoever has the two reads these messages.
            </p>
          </ClearedNotice>
          <FileFacts facts={state.archive.facts} />
          <button type="button" onClick={() => send({ kind: "again" })}>
            Open a file again
          </button>
        </>
      );
  }
}

function Ready({
  state,
  send,
}: {
  state: RestoreState & { step: "ready" };
  send: Send;
}) {
  const { archive, archiveSaved, keySaved, problem } = state;
  const isSaved = archiveSaved === "yes" && keySaved === "yes";
  return (
    <>
      <Found archive={archive} />
      <ProblemView problem={problem} title="It was not saved" />
      <ol className="saves">
        <li>
          <button
            type="button"
            className={archiveSaved === "no" ? "primary" : ""}
            onClick={() => send({ kind: "saveAsked", what: "archive" })}
          >
            {archiveSaved === "no" ? "Save the archive" : "Save it once more"}
          </button>
          {archiveSaved === "yes" && (
            <span className="saved">Archive saved</span>
          )}
        </li>
        <li>
          <button
            type="button"
            className={keySaved === "no" ? "primary" : ""}
            onClick={() => send({ kind: "saveAsked", what: "key" })}
          >
            {keySaved === "no" ? "Save its key" : "Save the key once more"}
          </button>
          {keySaved === "yes" && <span className="saved">Key saved</span>}
        </li>
      </ol>
      <p className="visually-hidden" role="status">
        {archiveSaved === "yes" && "Archive saved. "}
        {keySaved === "yes" && "Key saved."}
      </p>
      <p className="small">
        The key is 64 hexadecimal digits in a text file. Keep it apart from the
        archive: whoever has both reads your messages.
      </p>
      <button type="button" onClick={() => send({ kind: "finishAsked" })}>
        {isSaved ? "Finish and clear" : "Clear without saving everything"}
      </button>
      <details>
        <summary>About the file</summary>
        <FileFacts facts={archive.facts} />
      </details>
    </>
  );
}

function Found({ archive: { counts, sizeBytes } }: { archive: ReadyArchive }) {
  return (
    <Notice kind="good" title="The archive is ready">
      <p>
        {counted(counts.messageCount, "message")} in{" "}
        {counted(counts.conversationCount, "conversation")} (
        {formatBytes(sizeBytes)}, encrypted).
      </p>
      {leftOutWords(counts.leftOut).map((line) => (
        <p key={line}>{line}</p>
      ))}
    </Notice>
  );
}
