import { formatBytes, protectionWords } from "@carryover/client/words";
import { useTaskState } from "../../machine/use-task.js";
import { FilePicker } from "../../ui/file-picker.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";
import { ProgressView } from "../../ui/progress-view.js";
import { SecretForm } from "../../ui/secret-form.js";
import { TaskPage } from "../../ui/task-page.js";
import { WhatHappens } from "../../ui/what-happens.js";
import type { RunningTask } from "../shared/running-task.js";
import { AccountFileContents } from "./account-file-contents.js";
import { ArchiveKeyForm } from "./archive-key-form.js";
import { HistoryContents } from "./history-contents.js";
import type { Contents, LookEvent, LookState } from "./look-state.js";

type Send = (event: LookEvent) => void;

const stepTitles: Record<LookState["step"], string | undefined> = {
  choosing: undefined,
  looking: undefined,
  askingSecret: "Open the file",
  opening: "Reading the file on this machine",
  shown: "What is in it",
  drilling: "Trying a restore",
};

/** "Look inside". */
export function LookPage({
  task,
}: {
  task: RunningTask<LookState, LookEvent>;
}) {
  const state = useTaskState(task);
  return (
    <TaskPage
      title="Look inside a file"
      step={state.step}
      stepTitle={stepTitles[state.step]}
      intro={
        <p className="lead">
          What a Backup Account File or a Message Backup File holds. It is read
          on this machine: nothing is sent, and nobody is asked.
        </p>
      }
    >
      <LookStep state={state} send={(event) => task.send(event)} />
    </TaskPage>
  );
}

function LookStep({ state, send }: { state: LookState; send: Send }) {
  switch (state.step) {
    case "choosing":
      return (
        <>
          <ProblemView problem={state.problem} title="It was not opened" />
          <FilePicker
            label="Choose a file"
            hint="A Backup Account File, a Message Backup File or an XMTP archive. Or drop it here. It stays on this machine."
            onChoose={(file) => send({ kind: "fileChosen", file })}
          />
          <WhatHappens
            steps={[
              "You choose the file and give what opens it. Both stay on this machine.",
              "Every byte of the file is checked.",
              "You see what it is and what it holds, conversation by conversation. Messages are not shown.",
            ]}
            needs={[
              "The file.",
              "Its passphrase, wallet, passkey, age identity or archive key.",
            ]}
          />
        </>
      );
    case "looking":
      return (
        <p role="status">
          Looking at <OthersWords text={state.file.name} /> …
        </p>
      );
    case "askingSecret":
      return <AskSecret state={state} send={send} />;
    case "opening":
      return (
        <ProgressView
          course={state.course}
          onStop={() => send({ kind: "stopAsked" })}
        />
      );
    case "drilling":
      return (
        <>
          <p>
            Everything that a restore does, in a throw-away place. Neither the
            file nor anything on the network is changed.
          </p>
          <ProgressView
            course={state.course}
            onStop={() => send({ kind: "stopAsked" })}
          />
        </>
      );
    case "shown":
      return (
        <>
          <p>
            <strong className="file-name">
              <OthersWords text={state.file.name} />
            </strong>
            :{" "}
            {isArchive(state.contents)
              ? "read to its end, and all of it opens with the key."
              : "whole, and every check passed."}
          </p>
          <ProblemView problem={state.problem} title="The drill failed" />
          {state.contents.kind === "accountFile" ? (
            <AccountFileContents
              file={state.contents.inspected}
              conversations={state.contents.conversations}
              drill={state.drill}
              onDrill={() => send({ kind: "drillAsked" })}
            />
          ) : (
            <HistoryContents contents={state.contents} />
          )}
          <div className="buttons">
            <button type="button" onClick={() => send({ kind: "closeAsked" })}>
              Close and clear
            </button>
          </div>
        </>
      );
  }
}

/** An archive does not say where it ends: nobody can know that it is whole. */
const isArchive = (contents: Contents): boolean =>
  contents.kind === "history" && contents.summary.format === "xmtpArchive";

function AskSecret({
  state: { file, seen, problem },
  send,
}: {
  state: LookState & { step: "askingSecret" };
  send: Send;
}) {
  return (
    <>
      <p>
        <strong className="file-name">
          <OthersWords text={file.name} />
        </strong>{" "}
        ({formatBytes(file.blob.size)}){" "}
        {seen.kind === "archive"
          ? "is an XMTP archive. It opens with its key."
          : `opens with ${protectionWords(seen.protection)}.`}
      </p>
      <ProblemView problem={problem} title="It was not opened" />
      {seen.kind === "archive" ? (
        <ArchiveKeyForm
          onKey={(key) =>
            send({ kind: "secretGiven", secret: { kind: "archiveKey", key } })
          }
        />
      ) : (
        <SecretForm
          protection={seen.protection}
          action="Open on this machine"
          onSecret={(secret) => send({ kind: "secretGiven", secret })}
        />
      )}
      <p>
        <button
          type="button"
          className="link"
          onClick={() => send({ kind: "closeAsked" })}
        >
          Choose another file
        </button>
      </p>
    </>
  );
}
