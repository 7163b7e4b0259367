import { type FormEvent, useEffect, useRef, useState } from "react";
import { passkeySecret, type SecretChoice } from "@carryover/xmtp-browser";
import { type Problem, problemOf } from "../errors/problem.js";
import type { Protection } from "../tasks/shared/file-access.js";
import { connectWallet } from "../wallet/connect-wallet.js";
import type { AnnouncedWallet } from "../wallet/eip-1193.js";
import {
  NameForPasswordManagers,
  PassphraseField,
} from "./passphrase-field.js";
import { ProblemView } from "./problem-view.js";
import { WalletList } from "./wallet-list.js";

/** Asks for what opens a file, as its own header says. What is typed is handed on and kept nowhere. */
export function SecretForm({
  protection,
  action,
  onSecret,
}: {
  protection: Protection;
  /** What the button says. */
  action: string;
  onSecret: (secret: SecretChoice) => void;
}) {
  switch (protection.kind) {
    case "passphrase":
      return <PassphraseForm action={action} onSecret={onSecret} />;
    case "walletSignature":
      return <WalletForm onSecret={onSecret} />;
    case "passkey":
      return (
        <div>
          <p>
            A passkey of this site opens the file. Your browser or phone asks
            you for it.
          </p>
          <button
            type="button"
            className="primary"
            onClick={() => onSecret(passkeySecret())}
          >
            Use the passkey
          </button>
        </div>
      );
    case "recipients":
      return <IdentityForm action={action} onSecret={onSecret} />;
  }
}

interface FormProps {
  action: string;
  onSecret: (secret: SecretChoice) => void;
}

function PassphraseForm({ action, onSecret }: FormProps) {
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const passphrase = input.current?.value ?? "";
    onSecret({ kind: "passphrase", passphrase });
  };
  return (
    <form onSubmit={submit}>
      <NameForPasswordManagers />
      <PassphraseField
        label="Passphrase of the file"
        inputRef={input}
        autoComplete="current-password"
      />
      <button className="primary">{action}</button>
    </form>
  );
}

function WalletForm({ onSecret }: Pick<FormProps, "onSecret">) {
  const [problem, setProblem] = useState<Problem>();
  const asked = useRef<object>(undefined);
  useEffect(
    () => () => {
      asked.current = undefined;
    },
    [],
  );
  const connect = async ({ provider }: AnnouncedWallet) => {
    setProblem(undefined);
    const question = {};
    asked.current = question;
    try {
      const { signer } = await connectWallet(provider);
      // Another wallet, or another file, may be chosen by now.
      if (asked.current !== question) return;
      onSecret({ kind: "wallet", signer });
    } catch (error) {
      if (asked.current === question) setProblem(problemOf(error));
    }
  };
  return (
    <div>
      <p>
        A signature of a wallet opens the file. Choose the wallet that protected
        it: it shows you a text that begins &ldquo;Backup Account File, version
        1&rdquo;. Signing costs nothing and sends nothing.
      </p>
      <ProblemView problem={problem} />
      <WalletList onChoose={(wallet) => void connect(wallet)} />
    </div>
  );
}

function IdentityForm({ action, onSecret }: FormProps) {
  const input = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const identity = (input.current?.value ?? "").trim();
    onSecret({ kind: "identities", identities: [identity] });
  };
  return (
    <form onSubmit={submit}>
      <NameForPasswordManagers />
      <PassphraseField
        label="age identity: AGE-SECRET-KEY-…"
        inputRef={input}
        autoComplete="current-password"
      />
      <button className="primary">{action}</button>
    </form>
  );
}
