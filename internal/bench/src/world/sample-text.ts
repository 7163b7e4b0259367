/** Draws numbers from 0 to below 1, the same ones in every run. */
export function createDraws(seed: number): () => number {
  let state = seed;
  return () => {
    // A linear congruential generator (Numerical Recipes): no more than a spread is needed.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const vocabularySize = 3_000;
const syllables =
  "a be ca den e fi gor ha is ja ka lo mer na or pe qui ro sta ti u ven wa yo zu sh el an ing ed".split(
    " ",
  );

/**
 * Writes texts of about 80 characters in words of which few are frequent and many are rare, as in a language, so that
 * they compress about as much as messages do.
 */
export function createTexts(draw: () => number): () => string {
  const pick = () => syllables[Math.floor(draw() * syllables.length)] ?? "";
  const words = Array.from({ length: vocabularySize }, () =>
    Array.from({ length: 1 + Math.floor(draw() * 3) }, pick).join(""),
  );
  // Zipf's law: the nth word is n times rarer than the first.
  const word = () =>
    words[Math.floor(vocabularySize ** draw()) - 1] ?? words[0] ?? "";
  return () => {
    const length = 40 + Math.floor(draw() * 80);
    let text = word();
    while (text.length < length) text += ` ${word()}`;
    return text;
  };
}
