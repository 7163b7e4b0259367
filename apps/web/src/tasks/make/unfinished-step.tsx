import { counted } from "@carryover/client/words";
import { ProblemView } from "../../ui/problem-view.js";
import { StopButton } from "../../ui/stop-button.js";
import { WalletList } from "../../ui/wallet-list.js";
import { askedAbout, type MakeState, type SendMake } from "./make-state.js";

/** An installation that no file holds, or perhaps none: kept or revoked. */
export function Unfinished({
  state: { left, problem, revoking },
  send,
}: {
  state: MakeState & { step: "unfinished" };
  send: SendMake;
}) {
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
          <StopButton onStop={() => send({ kind: "stopAsked" })} />
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
