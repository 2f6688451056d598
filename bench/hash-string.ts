/** FNV-1a, 32 bits: a fixed order that has nothing to do with what a name says. */
export function hashString(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619) >>> 0;
  return hash;
}
