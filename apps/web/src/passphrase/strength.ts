import {
  minPassphraseChars,
  passphraseWeakness,
} from "@carryover/account-file";

/** How long a passphrase would stand, by an estimate that errs on the low side. */
export interface Strength {
  readonly level: "tooShort" | "weak" | "fair" | "good" | "strong";
  /** For a person: `a thousand computers would need about 3 days`. */
  readonly words: string;
}

/** Each guess costs about a second and 256 MB (scrypt, 2^18): what somebody with a thousand computers can do in a second. */
const guessesPerSecond = 1_000;

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/**
 * Puts a number of guesses into words.
 *
 * @param guesses - how many a good guesser would need
 */
export function strengthOf(passphrase: string, guesses: number): Strength {
  if (passphraseWeakness(passphrase) === "tooShort")
    return {
      level: "tooShort",
      words: `At least ${minPassphraseChars} characters.`,
    };
  const seconds = guesses / guessesPerSecond;
  return {
    level: levelOf(seconds),
    words: `Somebody with the file and a thousand computers would need ${spanWords(seconds)}.`,
  };
}

function levelOf(seconds: number): Strength["level"] {
  if (seconds < 30 * day) return "weak";
  if (seconds < 10 * year) return "fair";
  return seconds < 1_000 * year ? "good" : "strong";
}

function spanWords(seconds: number): string {
  if (seconds < minute) return "less than a minute";
  if (seconds < hour) return about(seconds / minute, "minute");
  if (seconds < day) return about(seconds / hour, "hour");
  if (seconds < year) return about(seconds / day, "day");
  if (seconds < 1_000 * year) return about(seconds / year, "year");
  return "more than a thousand years";
}

function about(value: number, unit: string): string {
  const whole = Math.floor(value);
  return `about ${whole} ${unit}${whole === 1 ? "" : "s"}`;
}
