import { arrowStep, commandOf, isControlKey, isTyping, type Command } from './keyboard.ts';
import type { ReviewSession } from './review-session.svelte.ts';
import type { Layer, Mode } from './viewer.svelte.ts';

/** Does what a key stands for; true when it stood for something and the browser must not act on it too. */
export function takeReviewKey(event: KeyboardEvent, session: ReviewSession): boolean {
  if (event.defaultPrevented || isTyping(event.target) || isInDialog(event.target)) return false;
  if (session.editor.active && editBoxes(event, session)) return true;
  if (session.moving.mark !== null && moveMark(event, session)) return true;
  if (isControlKey(event.target, event.key)) return false;
  const command = commandOf(event);
  if (command === null) return false;
  // A key that is held down decides once: the images after this one have not been looked at.
  if (event.repeat && decisions.has(command)) return true;
  run(command, event, session);
  return true;
}

/** A dialog or a menu has the keyboard to itself. */
function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="menu"]') !== null;
}

function editBoxes(event: KeyboardEvent, session: ReviewSession): boolean {
  const { editor } = session;
  const { key } = event;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() === 'y' || (key.toLowerCase() === 'z' && event.shiftKey)) editor.redo();
    else if (key === 'z') editor.undo();
    else return false;
    return true;
  }
  const step = arrowStep(event);
  if (step !== null && editor.selected !== null && !isControlKey(event.target, key)) {
    editor.nudge(step.dx, step.dy, event.altKey);
  } else if (key === 'Delete' || key === 'Backspace') editor.remove();
  else if (key === '+' || key === 'Insert') session.addBox();
  // Tab walks through the boxes while the focus is on no control, and leaves them at the end.
  else if (key === 'Tab' && isOnNothing(event.target) && walkBoxes(event, session)) return true;
  else if (key === 'Enter' && !isControlKey(event.target, key)) void session.saveBoxes();
  else if (key === 'Escape') editor.cancel();
  else return false;
  return true;
}

function walkBoxes({ shiftKey }: KeyboardEvent, { editor }: ReviewSession): boolean {
  const next = (editor.selected ?? (shiftKey ? editor.boxes.length : -1)) + (shiftKey ? -1 : 1);
  if (next < 0 || next >= editor.boxes.length) {
    editor.selected = null;
    return false;
  }
  editor.selected = next;
  return true;
}

function moveMark(event: KeyboardEvent, session: ReviewSession): boolean {
  const { moving } = session;
  const step = arrowStep(event);
  if (step !== null && !isControlKey(event.target, event.key)) void moving.nudge(step.dx, step.dy);
  else if (event.key === 'Enter' && !isOtherButton(event)) void session.drop();
  else if (event.key === 'Escape') moving.cancel();
  else return false;
  return true;
}

/** A button of its own, not the number of the mark that is being moved. */
function isOtherButton({ target, key }: KeyboardEvent): boolean {
  const isCurrent = target instanceof Element && target.closest('[aria-pressed="true"]') !== null;
  return isControlKey(target, key) && !isCurrent;
}

/** Nothing that takes keys itself has the focus: the page, the heading, the image. */
function isOnNothing(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('button, input, select, textarea, a, [tabindex="0"]') === null
  );
}

/** Screen pixels an arrow key pans by; with Shift ten times as far. */
const panStep = 40;

function run(command: Command, event: KeyboardEvent, session: ReviewSession): void {
  const { viewer } = session;
  const mode = modeOf[command];
  const layer = layerOf[command];
  if (mode !== undefined) {
    viewer.mode = mode;
    return;
  }
  if (layer !== undefined) {
    viewer.toggle(layer);
    return;
  }
  const step = arrowStep(event);
  if (step !== null) {
    // The arrow points at what one wants to see: the image goes the other way.
    viewer.pan(-step.dx * panStep, -step.dy * panStep);
    return;
  }
  actions[command]?.(session);
}

const modeOf: Partial<Record<Command, Mode>> = {
  slider: 'slider',
  sideBySide: 'sideBySide',
  blink: 'blink',
  difference: 'difference',
};

const layerOf: Partial<Record<Command, Layer>> = {
  overlayLesions: 'lesions',
  overlayDisc: 'disc',
  overlayFovea: 'fovea',
  overlayZone: 'zone',
  overlayMarks: 'marks',
};

const decisions: ReadonlySet<Command> = new Set<Command>(['approve', 'reject', 'reopen']);

const actions: Partial<Record<Command, (session: ReviewSession) => void>> = {
  next: (session) => void session.step(1),
  previous: (session) => void session.step(-1),
  flip: ({ viewer }) => {
    viewer.mode = 'blink';
    viewer.blinking = false;
    viewer.blinkAfter = !viewer.blinkAfter;
  },
  fit: ({ viewer }) => viewer.fit(),
  oneToOne: ({ viewer }) => viewer.oneToOne(devicePixelRatio),
  zoomIn: ({ viewer }) => viewer.zoom(1.25),
  zoomOut: ({ viewer }) => viewer.zoom(0.8),
  loupe: ({ viewer }) => {
    viewer.loupe = !viewer.loupe;
  },
  loupeSmaller: ({ viewer }) => viewer.resizeLoupe(-40),
  loupeLarger: ({ viewer }) => viewer.resizeLoupe(40),
  redFree: ({ viewer }) => {
    viewer.redFree = !viewer.redFree;
  },
  tone: ({ viewer }) => viewer.nextTone(),
  overlays: ({ viewer }) => viewer.toggleAll(),
  approve: (session) => void session.approve(),
  reject: (session) => session.beginReject(),
  reopen: (session) => void session.reopen(),
  moveMark: (session) => {
    const count = session.review.item?.marks.length ?? 0;
    // Pressed again it goes on to the next mark.
    if (count > 0) session.beginMove(((session.moving.mark ?? -1) + 1) % count);
  },
  editBoxes: (session) => session.beginBoxes(),
  sliderLeft: ({ viewer }) => viewer.moveEdge(-0.02),
  sliderRight: ({ viewer }) => viewer.moveEdge(0.02),
  help: (session) => {
    session.helping = true;
  },
};
