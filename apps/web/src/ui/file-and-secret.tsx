import { formatBytes, protectionWords } from "@carryover/client/words";
import type {
  FileAccessEvent,
  FileAccessState,
} from "../tasks/shared/file-access.js";
import { FilePicker } from "./file-picker.js";
import { OthersWords } from "./others-words.js";
import { ProblemView } from "./problem-view.js";
import { SecretForm } from "./secret-form.js";

/** The first steps of the tasks that open a Backup Account File. */
export function FileAndSecret({
  state,
  send,
  action,
}: {
  state: FileAccessState;
  send: (event: FileAccessEvent) => void;
  /** What the last button says. */
  action: string;
}) {
  switch (state.step) {
    case "choosing":
      return (
        <>
          <ProblemView problem={state.problem} />
          <FilePicker
            label="Choose the Backup Account File"
            hint="Or drop it here. It is read on this machine, and never uploaded."
            onChoose={(file) => send({ kind: "fileChosen", file })}
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
      return (
        <>
          <p>
            <strong className="file-name">
              <OthersWords text={state.file.name} />
            </strong>{" "}
            ({formatBytes(state.file.blob.size)}) opens with{" "}
            {protectionWords(state.protection)}.
          </p>
          <ProblemView problem={state.problem} title="It was not opened" />
          <SecretForm
            protection={state.protection}
            action={action}
            onSecret={(secret) => send({ kind: "secretGiven", secret })}
          />
          <p>
            <button
              type="button"
              className="link"
              onClick={() => send({ kind: "anotherFile" })}
            >
              Choose another file
            </button>
          </p>
        </>
      );
  }
}
