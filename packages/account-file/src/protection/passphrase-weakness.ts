/** Why a passphrase protects nothing, however it is guessed at. */
export type PassphraseWeakness = "tooShort" | "oneCharacter" | "publicId";

/** Fewer characters (code points of Unicode form NFC) than these are never written with. */
export const minPassphraseChars = 8;

/** What is wrong, as a sentence for the person who chose it. */
export const passphraseWeaknessWords: Readonly<
  Record<PassphraseWeakness, string>
> = {
  tooShort: `That has fewer than ${minPassphraseChars} characters.`,
  oneCharacter: "That is one character again and again.",
  publicId:
    "That is the account's own address or id, which anybody can look up.",
};

/**
 * The one rule for a passphrase that somebody chooses: what is certainly no secret is refused. It says nothing of how strong
 * any other one is. A file that has such a passphrase already opens all the same, and keeps it when it is refreshed.
 *
 * @param publicIds - what everybody knows of the account, such as its address and inbox id
 * @returns `undefined` where nothing is known against it
 */
export const passphraseWeakness = (
  passphrase: string,
  publicIds: readonly string[] = [],
): PassphraseWeakness | undefined => {
  // As they are used: what looks the same is as long, on whatever keyboard it was typed.
  const chars = [...passphrase.normalize("NFC")];
  if (chars.length < minPassphraseChars) return "tooShort";
  if (new Set(chars).size === 1) return "oneCharacter";
  return publicIds.some((id) => bare(id) === bare(passphrase))
    ? "publicId"
    : undefined;
};

/** However it is copied: an address is the same in any case, and without its `0x`. */
const bare = (id: string): string => id.trim().toLowerCase().replace(/^0x/, "");
