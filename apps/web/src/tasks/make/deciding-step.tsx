import { shortAddress } from "../../text/format.js";
import { Notice } from "../../ui/notice.js";
import { OthersWords } from "../../ui/others-words.js";
import { ProblemView } from "../../ui/problem-view.js";
import { BudgetView } from "./budget-view.js";
import type { MakeState, SendMake } from "./make-state.js";
import { ProtectionChoice } from "./protection-choice.js";

/** What it takes, and what opens the file. */
export function Deciding({
  state: { wallet, budget, chosen, problem },
  send,
}: {
  state: MakeState & { step: "deciding" };
  send: SendMake;
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
            address={wallet.address}
            canSign={wallet.type === "ordinary"}
            chosen={chosen}
            onMake={(protection) => send({ kind: "makeAsked", protection })}
          />
        </>
      )}
    </>
  );
}
