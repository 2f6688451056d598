/** Control, zero-width and text-direction characters: invisible, or able to disguise a file name or drive a terminal. */
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** Text on one line with every hidden character shown as its code point, for names that come from outside. */
export function visibleText(text: string): string {
  return text.replace(
    hidden,
    (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`,
  );
}
