import { type Strength, strengthOf } from "./strength.js";

/** Nobody waits for an estimate of a text that is longer than anything one would type. */
const maxCharacters = 100;

/**
 * Makes an estimator, which knows common passwords, English words and keyboard patterns. It is large, and loaded only
 * when it is needed. Nothing of what is typed leaves the page.
 */
export async function createEstimator(): Promise<
  (passphrase: string) => Strength
> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
    import("@zxcvbn-ts/language-en"),
  ]);
  const zxcvbn = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
    maxLength: maxCharacters,
  });
  return (passphrase) =>
    strengthOf(
      passphrase,
      zxcvbn.check(passphrase, ["carryover", "xmtp"]).guesses,
    );
}
