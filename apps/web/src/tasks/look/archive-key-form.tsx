import { type FormEvent, useRef, useState } from "react";
import {
  NameForPasswordManagers,
  PassphraseField,
} from "../../ui/passphrase-field.js";
import { bytesOfHex } from "../../wallet/hex.js";

const keyBytes = 32;

/** Asks for the key of an XMTP archive, in hex. */
export function ArchiveKeyForm({
  onKey,
}: {
  onKey: (key: Uint8Array) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [mistake, setMistake] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const key = bytesOfHex((input.current?.value ?? "").trim());
    if (key?.length === keyBytes) {
      onKey(key);
      return;
    }
    setMistake("A key is 64 hexadecimal digits.");
    input.current?.focus();
  };
  return (
    <form onSubmit={submit}>
      <NameForPasswordManagers />
      <PassphraseField
        label="Key of the archive: 64 hexadecimal digits"
        inputRef={input}
        autoComplete="current-password"
        onChange={() => setMistake(undefined)}
      />
      <p role="alert" className="mistake">
        {mistake}
      </p>
      <button className="primary">Open on this machine</button>
    </form>
  );
}
