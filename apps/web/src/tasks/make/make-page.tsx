import { useState } from "react";
import { useTaskState } from "../../machine/use-task.js";
import { counted, formatBytes, shortAddress } from "../../text/format.js";
import { summaryFacts } from "../../text/file-words.js";
import { Facts } from "../../ui/facts.js";
import { FilePicker } from "../../ui/file-picker.js";
import { NewPassphraseForm } from "../../ui/new-passphrase-form.js";
import { Notice } from "../../ui/notice.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";
import { ProgressView } from "../../ui/progress-view.js";
import { TaskPage } from "../../ui/task-page.js";
import { WalletList } from "../../ui/wallet-list.js";
import { WhatHappens } from "../../ui/what-happens.js";
import type { RunningTask } from "../shared/running-task.js";
import { BudgetView } from "./budget-view.js";
import {
  askedAbout,
  type Check,
  type MakeEvent,
  type MakeProtection,
  type MakeState,
} from "./make-state.js";

type Send = (event: MakeEvent) => void;

const stepTitles: Record<MakeState["step"], string | undefined> = {
  choosingWallet: undefined,
  connecting: "Connect the wallet",
  deciding: "What it takes, and what opens it",
  making: "Making the file",
  made: "Save the file, and check it",
  unfinished: "The file was not finished",
  clearing: "Clearing this browser",
  done: "Done, and cleared",
};

const stepTitleOf = (state: MakeState): string | undefined =>
  state.step === "unfinished" &&
  askedAbout(state.left)[0]?.file === "perhapsSaved"
    ? "Did you save the file?"
    : stepTitles[state.step];

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

function MakeStep({ state, send }: { state: MakeState; send: Send }) {
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
      return <p role="status">Everything of the file is being cleared …</p>;
    case "done":
      return (
        <>
          <Notice kind="good" title="Nothing is left in this browser">
            <p>
              The file is where you saved it, and nowhere else. Keep it apart
              from what opens it, and not only on the device that it is for.
              Refresh it once a month.
            </p>
          </Notice>
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

function Deciding({
  state: { wallet, budget, chosen, problem },
  send,
}: {
  state: MakeState & { step: "deciding" };
  send: Send;
}) {
  return (
    <>
      <p>
        Account <strong>{shortAddress(wallet.address)}</strong> in{" "}
        <OthersWords text={wallet.name} />.{" "}
        <button
          type="button"
          className="link"
          onClick={() => send({ kind: "anotherWallet" })}
        >
          Choose another wallet
        </button>
      </p>
      <BudgetView budget={budget} />
      <ProblemView problem={problem} title="No file was made" />
      {budget.anotherFile === "low" ? (
        <Notice kind="warn" title="Too little is left">
          <p>
            Your account has almost used up the installations or identity
            updates that XMTP allows. Nothing was changed. Revoke installations
            that you no longer use, and keep the rest for your devices.
          </p>
        </Notice>
      ) : (
        <>
          <Notice kind="info">
            <p>
              Whoever has the file and what opens it can read your new messages,
              until you revoke it.
            </p>
            <p>
              It gets messages of new conversations at once, and of those that
              exist from when somebody next writes there with an app that is up
              to date.
            </p>
          </Notice>
          <ProtectionChoice
            canSign={wallet.type === "ordinary"}
            chosen={chosen}
            onMake={(protection) => send({ kind: "makeAsked", protection })}
          />
        </>
      )}
    </>
  );
}

const protections = [
  {
    kind: "passphrase",
    title: "A passphrase",
    about: "Opens anywhere. You have to remember it.",
  },
  {
    kind: "wallet",
    title: "A signature of this wallet",
    about: "Nothing to remember, and nothing without the wallet.",
  },
  {
    kind: "passkey",
    title: "A passkey",
    about:
      "Of this browser, phone or key. Opens on this site alone, and not with the carryover command.",
  },
] as const;

function ProtectionChoice({
  canSign,
  chosen,
  onMake,
}: {
  canSign: boolean;
  chosen: MakeProtection["kind"];
  onMake: (protection: MakeProtection) => void;
}) {
  const [kind, setKind] = useState(chosen);
  return (
    <>
      <fieldset className="choices">
        <legend>What opens the file</legend>
        {protections
          .filter((each) => canSign || each.kind !== "wallet")
          .map((each) => (
            <label key={each.kind} className="choice">
              <input
                type="radio"
                name="protection"
                checked={kind === each.kind}
                onChange={() => setKind(each.kind)}
              />
              <span>
                <strong>{each.title}</strong>
                <span className="small">{each.about}</span>
              </span>
            </label>
          ))}
      </fieldset>
      {kind === "passphrase" && (
        <NewPassphraseForm
          onPassphrase={(passphrase) =>
            onMake({ kind: "passphrase", passphrase })
          }
        />
      )}
      {kind === "wallet" && (
        <>
          <p>
            The wallet asks three times: twice for the same text, to see that it
            always signs alike, and once to register.
          </p>
          <button
            type="button"
            className="primary"
            onClick={() => onMake({ kind: "wallet" })}
          >
            Sign and make the file
          </button>
        </>
      )}
      {kind === "passkey" && (
        <>
          <p>
            Your browser makes a new passkey, and asks for it again to check the
            file. Without the passkey nobody can open the file.
          </p>
          <button
            type="button"
            className="primary"
            onClick={() => onMake({ kind: "passkey" })}
          >
            Make a passkey and the file
          </button>
        </>
      )}
    </>
  );
}

function Made({
  state: { created, saved, check, problem },
  send,
}: {
  state: MakeState & { step: "made" };
  send: Send;
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

function Unfinished({
  state: { left, problem, revoking },
  send,
}: {
  state: MakeState & { step: "unfinished" };
  send: Send;
}) {
  if (revoking === "done")
    return (
      <>
        <Notice kind="good" title="Revoked">
          <p>
            It is out of your account, and its place is free again. Nothing is
            left in this browser.
          </p>
        </Notice>
        <button type="button" onClick={() => send({ kind: "again" })}>
          Begin again
        </button>
      </>
    );
  const asked = askedAbout(left);
  const perhapsSaved = asked[0]?.file === "perhapsSaved";
  return (
    <>
      <ProblemView problem={problem} />
      {perhapsSaved ? (
        <PerhapsSaved />
      ) : (
        <p>
          {counted(asked.length, "installation")} of your account{" "}
          {asked.length === 1 ? "is" : "are"} registered that no file holds:
          messages would come to it for nobody, and it takes one of ten places.
          Revoking it takes one signature of your wallet.
        </p>
      )}
      <ul className="plain">
        {asked.map(({ installationId }) => (
          <li key={installationId}>
            <code className="long">{installationId}</code>
          </li>
        ))}
      </ul>
      {revoking === "yes" ? (
        <>
          <p role="status">Revoking: look at your wallet …</p>
          <button type="button" onClick={() => send({ kind: "stopAsked" })}>
            Stop
          </button>
        </>
      ) : (
        <>
          {perhapsSaved && (
            <button type="button" onClick={() => send({ kind: "keepAsked" })}>
              I have saved it: keep it
            </button>
          )}
          <h3>
            {perhapsSaved && "You do not have it? "}Revoke it with the wallet of
            the account
          </h3>
          <WalletList
            onChoose={(wallet) => send({ kind: "walletChosen", wallet })}
          />
          {!perhapsSaved && (
            <button type="button" onClick={() => send({ kind: "again" })}>
              I have noted the number: begin again
            </button>
          )}
        </>
      )}
    </>
  );
}

function PerhapsSaved() {
  return (
    <>
      <p>
        An earlier visit made a Backup Account File, and ended before this page
        knew whether it was saved. Look for it where your downloads are, or
        where you would have put it: its name ends in <code>.age</code>.
      </p>
      <p>
        If you have it, keep it. If you do not, no file holds this installation
        of your account: messages come to it for nobody, and it takes one of ten
        places. Revoking it takes one signature of your wallet, and{" "}
        <strong>makes the file useless, should you have saved it</strong>.
      </p>
    </>
  );
}
