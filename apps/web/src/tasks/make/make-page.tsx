import { useTaskState } from "../../machine/use-task.js";
import { summaryFacts } from "../../text/file-words.js";
import { Facts } from "../../ui/facts.js";
import { BeingCleared } from "../../ui/being-cleared.js";
import { ClearedNotice } from "../../ui/cleared-notice.js";
import { clearedTitle } from "../../ui/cleared-title.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";
import { ProgressView } from "../../ui/progress-view.js";
import { TaskPage } from "../../ui/task-page.js";
import { WalletList } from "../../ui/wallet-list.js";
import { WhatHappens } from "../../ui/what-happens.js";
import type { RunningTask } from "../shared/running-task.js";
import { Deciding } from "./deciding-step.js";
import { Made } from "./made-step.js";
import {
  askedAbout,
  type MakeEvent,
  type MakeState,
  type SendMake,
} from "./make-state.js";
import { Unfinished } from "./unfinished-step.js";

const stepTitles = {
  choosingWallet: undefined,
  connecting: "Connect the wallet",
  deciding: "What it takes, and what opens it",
  making: "Making the file",
  made: "Save the file, and check it",
  unfinished: "The file was not finished",
  clearing: "Clearing this browser",
  revoked: "Revoked",
  done: "Done",
} as const satisfies Record<MakeState["step"], string | undefined>;

const stepTitleOf = (state: MakeState): string | undefined => {
  switch (state.step) {
    case "unfinished":
      return askedAbout(state.left)[0]?.file === "perhapsSaved"
        ? "Did you save the file?"
        : stepTitles[state.step];
    case "revoked":
    case "done":
      return clearedTitle(stepTitles[state.step], state.problem);
    default:
      return stepTitles[state.step];
  }
};

/** "Make a Backup Account File". */
export function MakePage({
  task,
}: {
  task: RunningTask<MakeState, MakeEvent>;
}) {
  const state = useTaskState(task);
  return (
    <TaskPage
      title="Make a Backup Account File"
      step={state.step}
      stepTitle={stepTitleOf(state)}
      intro={
        <p className="lead">
          For the day when every device is lost: a file that brings your
          messages back from then on.
        </p>
      }
    >
      <MakeStep state={state} send={(event) => task.send(event)} />
    </TaskPage>
  );
}

function MakeStep({ state, send }: { state: MakeState; send: SendMake }) {
  switch (state.step) {
    case "choosingWallet":
      return (
        <>
          <ProblemView problem={state.problem} />
          <h2>Choose the wallet of your XMTP account</h2>
          <WalletList
            onChoose={(wallet) => send({ kind: "walletChosen", wallet })}
          />
          <Explanation />
        </>
      );
    case "connecting":
      return (
        <>
          <p role="status">
            Look at <OthersWords text={state.name} />: allow this page to see
            your account. Nothing is signed yet. Then the XMTP network is asked
            what your account has left.
          </p>
          <button type="button" onClick={() => send({ kind: "anotherWallet" })}>
            Choose another wallet
          </button>
        </>
      );
    case "deciding":
      return <Deciding state={state} send={send} />;
    case "making":
      return (
        <>
          <p>
            Look at <OthersWords text={state.wallet.name} />: it asks for a
            signature to register the installation. Keep this page open.
          </p>
          <ProgressView
            course={state.course}
            onStop={() => send({ kind: "stopAsked" })}
          />
        </>
      );
    case "made":
      return <Made state={state} send={send} />;
    case "unfinished":
      return <Unfinished state={state} send={send} />;
    case "clearing":
      return <BeingCleared />;
    case "revoked":
      return (
        <>
          <ClearedNotice problem={state.problem}>
            <p>
              What was revoked is out of your account, and its place is free
              again.
            </p>
          </ClearedNotice>
          <button type="button" onClick={() => send({ kind: "again" })}>
            Begin again
          </button>
        </>
      );
    case "done":
      return (
        <>
          <ClearedNotice problem={state.problem}>
            <p>
              The file is where you saved it, and nowhere else. Keep it apart
              from what opens it, and not only on the device that it is for.
              Refresh it once a month.
            </p>
          </ClearedNotice>
          <Facts of={summaryFacts(state.created.summary, Date.now())} />
          <button type="button" onClick={() => send({ kind: "again" })}>
            Make another one
          </button>
        </>
      );
  }
}

function Explanation() {
  return (
    <WhatHappens
      steps={[
        "The page asks your wallet for your account, and the XMTP network for what the account has left.",
        "You choose what opens the file: a passphrase, a signature of the wallet, or a passkey.",
        "The wallet signs once: a new installation of your account is registered. It lives in the file, asleep, and the network keeps new messages for it.",
        "You save the file, and the page checks that it opens.",
        "Everything is cleared from this browser.",
      ]}
      needs={[
        "The wallet of your XMTP account, in this browser.",
        "A safe place for the file: not only on the device that it is for.",
        <>
          What was <strong>before</strong> is not in the file: this page has no
          history to put into it. An app of yours, or{" "}
          <code>carryover account create</code>, can include it.
        </>,
      ]}
    />
  );
}
