import {
  minPassphraseChars,
  passphraseWeakness,
  passphraseWeaknessWords,
} from "@carryover/account-file";
import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { createEstimator } from "../passphrase/estimator.js";
import { type Strength, strengthOf } from "../passphrase/strength.js";
import {
  NameForPasswordManagers,
  PassphraseField,
} from "./passphrase-field.js";

const levels: Record<Strength["level"], { bar: number; name: string }> = {
  tooShort: { bar: 0, name: "Too short" },
  weak: { bar: 1, name: "Weak" },
  fair: { bar: 2, name: "Fair" },
  good: { bar: 3, name: "Good" },
  strong: { bar: 4, name: "Strong" },
};

/**
 * A passphrase for a new file, typed twice: nobody can look it up later.
 *
 * @param props.publicIds - what everybody knows of the account: no passphrase
 */
export function NewPassphraseForm({
  publicIds,
  onPassphrase,
}: {
  publicIds: readonly string[];
  onPassphrase: (passphrase: string) => void;
}) {
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const [strength, setStrength] = useState<Strength>();
  const [mistake, setMistake] = useState<string>();
  const estimate = useEstimator();
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const passphrase = first.current?.value ?? "";
    const weakness = passphraseWeakness(passphrase, publicIds);
    if (weakness !== undefined) {
      setMistake(passphraseWeaknessWords[weakness]);
      first.current?.focus();
      return;
    }
    if (second.current?.value !== passphrase) {
      setMistake("Those two were not the same. Type the second one again.");
      second.current?.focus();
      return;
    }
    onPassphrase(passphrase);
  };
  return (
    <form onSubmit={submit}>
      <NameForPasswordManagers />
      <p className="small" id={`${id}-hint`}>
        At least {minPassphraseChars} characters: several random words are good.
        Nobody can look it up for you.
      </p>
      <PassphraseField
        label="Passphrase"
        inputRef={first}
        autoComplete="new-password"
        describedBy={`${id}-hint ${id}-strength`}
        onChange={(passphrase) => {
          setMistake(undefined);
          setStrength(
            passphrase === ""
              ? undefined
              : (estimate ?? shortAlone)(passphrase),
          );
        }}
      />
      <div id={`${id}-strength`} className="strength" aria-live="polite">
        {strength && <StrengthView strength={strength} />}
      </div>
      <PassphraseField
        label="The same again"
        inputRef={second}
        autoComplete="new-password"
        onChange={() => setMistake(undefined)}
      />
      <p role="alert" className="mistake">
        {mistake}
      </p>
      <button className="primary">Make the file</button>
    </form>
  );
}

function StrengthView({ strength: { level, words } }: { strength: Strength }) {
  const { bar, name } = levels[level];
  return (
    <>
      <meter
        aria-label="Strength of the passphrase"
        min={0}
        max={4}
        low={2}
        high={3}
        optimum={4}
        value={bar}
      />
      <p>
        <strong>{name}.</strong> {words}
        {bar > 0 &&
          " This is an estimate: what is known about you makes guessing faster."}
      </p>
    </>
  );
}

/** Until the word lists are there. */
const shortAlone = (passphrase: string) => {
  const strength = strengthOf(passphrase, 0);
  return strength.level === "tooShort" ? strength : undefined;
};

function useEstimator() {
  const [estimator, setEstimator] = useState<{
    estimate: (passphrase: string) => Strength;
  }>();
  useEffect(() => {
    let isWanted = true;
    createEstimator().then(
      (estimate) => {
        if (isWanted) setEstimator({ estimate });
      },
      // Without the lists there is no meter: none is better than a wrong one.
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, []);
  return estimator?.estimate;
}
