/** Paths written one in a line, each once. */
export function pathsIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return [...new Set(lines.filter((line) => line !== ''))];
}

/**
 * The last moment of a day where the person is, so that the named day itself is still allowed.
 *
 * @param day as a date field gives it, 2027-01-31; null is returned for anything else
 */
export function endOf(day: string): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (match === null) return null;
  const [year, month, date] = match.slice(1).map(Number);
  if (year === undefined || month === undefined || date === undefined) return null;
  return new Date(year, month - 1, date, 23, 59, 59, 999).toISOString();
}
