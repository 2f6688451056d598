/** The engine's own words on one line; a damaged name inside them can cut them short, which leaves a colon at the end. */
export function engineReason(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s:]+$/, '')
    .slice(0, 300);
}
