import { withoutNames } from './without-names.ts';

const mostCharacters = 8000;
const mostLines = 20;
const longestLine = 300;

/** Keeps the end of what a process wrote, from the beginning of a line: half a path could not be told from a word. */
export function heard(before: string, more: string): string {
  const all = before + more;
  if (all.length <= mostCharacters) return all;
  const end = all.slice(-mostCharacters);
  return end.slice(end.indexOf('\n') + 1);
}

/** Its last lines for the log: no path and no file name. */
export function lastLines(words: string): string[] {
  return words
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(-mostLines)
    .map((line) => withoutNames(line).slice(0, longestLine));
}
