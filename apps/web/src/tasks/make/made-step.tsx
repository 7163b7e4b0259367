import { counted, formatBytes } from "@carryover/client/words";
import { summaryFacts } from "../../text/file-words.js";
import { Facts } from "../../ui/facts.js";
import { FilePicker } from "../../ui/file-picker.js";
import { Notice } from "../../ui/notice.js";
import { ProblemView } from "../../ui/problem-view.js";
import type { Check, MakeState, SendMake } from "./make-state.js";

/** The file is made, and is saved and checked. */
export function Made({
  state: { created, saved, check, problem },
  send,
}: {
  state: MakeState & { step: "made" };
  send: SendMake;
}) {
  const { sizeBytes, joinedConversationCount, summary } = created;
  return (
    <>
      <Notice kind="good" title="The file is made, and was read back">
        <p>
          {formatBytes(sizeBytes)}, encrypted.{" "}
          {joinedConversationCount > 0 &&
            `It gets new messages of ${counted(joinedConversationCount, "conversation")} already. `}
          {saved === "no" && "It is only in this page so far: save it now."}
        </p>
      </Notice>
      <ProblemView problem={problem} title="It was not saved" />
      <p>
        <button
          type="button"
          className={saved === "no" ? "primary" : ""}
          onClick={() => send({ kind: "saveAsked" })}
        >
          {saved === "no" ? "Save the file" : "Save it once more"}
        </button>
      </p>
      <p className="visually-hidden" role="status">
        {saved === "downloaded" && "Saved. Now show the saved file."}
      </p>
      {saved === "downloaded" && check.kind !== "opens" && (
        <FilePicker
          label="Now show the saved file"
          hint="A page cannot look into your downloads. Choose the file that you just saved, or drop it here: it is checked that it is whole and opens."
          onChoose={(file) => send({ kind: "fileShown", file })}
        />
      )}
      <CheckView check={check} />
      <Facts of={summaryFacts(summary, Date.now())} />
      {saved !== "no" && check.kind !== "checking" && (
        <button
          type="button"
          className={check.kind === "opens" ? "primary" : ""}
          onClick={() => send({ kind: "finishAsked" })}
        >
          {check.kind === "opens"
            ? "Finish and clear"
            : "Finish without the check"}
        </button>
      )}
    </>
  );
}

function CheckView({ check }: { check: Check }) {
  return (
    <>
      <div role="status">
        {check.kind === "checking" && <p>Checking the saved file …</p>}
        {check.kind === "opens" && (
          <Notice kind="good" title="The saved file opens">
            <p>It is whole, and what you chose opens it.</p>
          </Notice>
        )}
      </div>
      <ProblemView
        problem={check.kind === "failed" ? check.problem : undefined}
        title="That is not the saved file, whole"
      />
    </>
  );
}
