import { useState } from "react";
import { NewPassphraseForm } from "../../ui/new-passphrase-form.js";
import type { MakeProtection } from "./make-state.js";

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

/** What opens the file: chosen, and then made with. */
export function ProtectionChoice({
  address,
  canSign,
  chosen,
  onMake,
}: {
  address: string;
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
          publicIds={[address]}
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
