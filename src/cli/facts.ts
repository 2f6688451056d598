/** `name  value` lines, values behind each other; empty values are left out. */
export function factLines(facts: Readonly<Record<string, string | number | boolean | null>>): string[] {
  const shown = Object.entries(facts).filter(([, value]) => value !== null && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => words(name).length));
  return shown.map(([name, value]) => `${words(name).padEnd(width)}  ${String(value)}`);
}

/** `fieldOfView` -> `field of view` */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
