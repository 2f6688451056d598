/** What a key does on the Review screen. Keys act only while the focus is on the screen and not in a field. */
export const commands = {
  next: ['n', 'PageDown'],
  previous: ['p', 'PageUp'],
  slider: ['s'],
  sideBySide: ['d'],
  blink: ['b'],
  flip: [' '],
  difference: ['x'],
  fit: ['0'],
  oneToOne: ['1'],
  zoomIn: ['+', '='],
  zoomOut: ['-'],
  loupe: ['l'],
  loupeSmaller: ['k'],
  loupeLarger: ['K'],
  redFree: ['g'],
  tone: ['c'],
  overlays: ['o'],
  overlayLesions: ['2'],
  overlayDisc: ['3'],
  overlayFovea: ['4'],
  overlayZone: ['5'],
  overlayMarks: ['6'],
  approve: ['a'],
  reject: ['r'],
  reopen: ['u'],
  moveMark: ['m'],
  editBoxes: ['e'],
  sliderLeft: [','],
  sliderRight: ['.'],
  panLeft: ['ArrowLeft'],
  panRight: ['ArrowRight'],
  panUp: ['ArrowUp'],
  panDown: ['ArrowDown'],
  help: ['?'],
  leave: ['Escape'],
} as const satisfies Record<string, readonly string[]>;

export type Command = keyof typeof commands;

const byKey = new Map<string, Command>(
  (Object.keys(commands) as Command[]).flatMap((command) =>
    commands[command].map((key) => [key, command] as const),
  ),
);

/** Null for keys that mean nothing here, and for every combination with Ctrl, Alt or Meta: those are the system's. */
export function commandOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}): Command | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  return byKey.get(event.key) ?? null;
}

/** Arrow keys as a step: 1, or 10 with Shift. Null for other keys. */
export function arrowStep(event: {
  readonly key: string;
  readonly shiftKey: boolean;
}): { readonly dx: number; readonly dy: number } | null {
  const step = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case 'ArrowLeft':
      return { dx: -step, dy: 0 };
    case 'ArrowRight':
      return { dx: step, dy: 0 };
    case 'ArrowUp':
      return { dx: 0, dy: -step };
    case 'ArrowDown':
      return { dx: 0, dy: step };
    default:
      return null;
  }
}

/** In a field a letter is a letter. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** Whether the focused control takes this key itself: arrows in a slider or a list, Space on a button. */
export function isControlKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (key === ' ' || key === 'Enter')
    return target.closest('button, input, summary, a, [role="option"]') !== null;
  if (!/^(Arrow|Page|Home|End)/.test(key)) return false;
  return target.closest('input, [role="listbox"], [role="tablist"], [role="region"]') !== null;
}
