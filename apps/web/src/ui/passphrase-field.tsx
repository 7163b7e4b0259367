import { type Ref, useId, useState } from "react";

/** A passphrase, hidden unless the person wants to see it. */
export function PassphraseField({
  label,
  inputRef,
  autoComplete,
  onChange,
  describedBy,
}: {
  label: string;
  inputRef?: Ref<HTMLInputElement>;
  autoComplete: "new-password" | "current-password";
  onChange?: (value: string) => void;
  describedBy?: string | undefined;
}) {
  const id = useId();
  const [isShown, setIsShown] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="with-button">
        <input
          id={id}
          ref={inputRef}
          type={isShown ? "text" : "password"}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          required
          aria-describedby={describedBy}
          onChange={({ target }) => onChange?.(target.value)}
        />
        <button
          type="button"
          aria-pressed={isShown}
          aria-label={`Show: ${label}`}
          onClick={() => setIsShown(!isShown)}
        >
          {isShown ? "Hide" : "Show"}
        </button>
      </div>
    </div>
  );
}

/** Under which name a password manager keeps it. Nobody sees it on the page. */
export function NameForPasswordManagers() {
  return (
    <input
      type="text"
      autoComplete="username"
      value="Backup Account File"
      readOnly
      hidden
    />
  );
}
