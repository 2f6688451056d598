import type { Locator, Page } from 'playwright-core';

/** What is wrong with a stop of the focus, and what stands there. */
export interface Stop {
  /** Tag, role and name, for people. */
  readonly what: string;
  /** Null where the focus is plain to see. */
  readonly fault: string | null;
}

/** Stops of one walk; the list of licences alone has a hundred. */
const most = 60;

/** Drives a page by keys alone, and looks at every stop of the focus on the way. */
export class ByKeyboard {
  readonly #page: Page;
  /** Faults of all stops so far. */
  readonly faults = new Set<string>();

  constructor(page: Page) {
    this.#page = page;
  }

  /** Goes on with Tab until the focus is on `goal`. @throws Error when it never gets there */
  async reach(goal: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    await goal.waitFor({ state: 'attached' });
    const passed: string[] = [];
    for (let presses = 0; presses < 150; presses++) {
      const handle = await goal.elementHandle();
      if (handle !== null && (await handle.evaluate((element) => element === document.activeElement))) return;
      await this.#page.keyboard.press(key);
      passed.push((await this.look()).what);
    }
    throw new Error(`the focus never came to ${String(goal)}; it went ${passed.join(' > ')}`);
  }

  /** Goes to a button, tab or link by Tab and presses it. */
  async press(goal: Locator, key: 'Enter' | 'Space' = 'Enter'): Promise<void> {
    await this.reach(goal);
    await this.#page.keyboard.press(key);
  }

  /** Goes to a field by Tab and types over what is in it. */
  async type(goal: Locator, text: string): Promise<void> {
    await this.reach(goal);
    await this.#page.keyboard.press('Control+a');
    await this.#page.keyboard.type(text);
  }

  /** Judges the stop the focus is at. */
  async look(): Promise<Stop> {
    const stop = await this.#page.evaluate(judgeStop);
    if (stop.fault !== null) this.faults.add(`${stop.what}: ${stop.fault}`);
    return stop;
  }

  /**
   * Every stop from the beginning of the page round to it again, and what a person would use but never comes to. A group of radio
   * buttons, a list of tabs and a grid are one stop each.
   */
  async walk(): Promise<{ readonly stops: string[]; readonly missed: string[] }> {
    await this.#page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      for (const element of document.querySelectorAll('[data-walked]'))
        element.removeAttribute('data-walked');
      getSelection()?.removeAllRanges();
    });
    const stops: string[] = [];
    let inside = 0;
    while (stops.length < most) {
      await this.#page.keyboard.press('Tab');
      const { what } = await this.look();
      const walked = await this.#page.evaluate(() => {
        const element = document.activeElement;
        if (!(element instanceof HTMLElement) || element === document.body) return 'round';
        const isLast = element.dataset['walked'] === 'last';
        if (!isLast && element.dataset['walked'] !== undefined) return 'round';
        for (const last of document.querySelectorAll<HTMLElement>('[data-walked="last"]'))
          last.dataset['walked'] = '';
        element.dataset['walked'] = 'last';
        return isLast ? 'inside' : 'new';
      });
      // A date has a stop for day, month, year and calendar.
      if (walked === 'round' || (walked === 'inside' && ++inside > 12)) break;
      if (walked === 'new') stops.push(what);
    }
    const missed = stops.length < most ? await this.#page.evaluate(findMissed) : [];
    return { stops, missed };
  }
}

/** Runs in the page. Seen means: an outline or a shadow that the same element does not have without the focus, and nothing lying on it. */
function judgeStop() {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return { what: 'nothing', fault: null };
  const name = element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40);
  const what = `${element.tagName.toLowerCase()} ${element.getAttribute('role') ?? element.getAttribute('type') ?? ''} "${name}"`;
  const box = element.getBoundingClientRect();
  const shown = [element, element.nextElementSibling, element.closest('label')].some((one) => {
    if (one === null) return false;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && outlineColor !== 'rgba(0, 0, 0, 0)';
  });
  if (!shown) return { what, fault: 'has no outline' };
  if (box.bottom <= 0 || box.right <= 0 || box.top >= innerHeight || box.left >= innerWidth)
    return { what, fault: 'is out of sight' };
  const at = (x: number, y: number) => document.elementFromPoint(x, y);
  const inset = 2;
  const corners = [
    at((box.left + box.right) / 2, (box.top + box.bottom) / 2),
    at(box.left + inset, (box.top + box.bottom) / 2),
    at((box.left + box.right) / 2, box.top + inset),
  ];
  const own = (one: Element | null) =>
    one !== null &&
    (element.contains(one) || one.contains(element) || element.closest('label')?.contains(one) === true);
  return { what, fault: corners.some(own) ? null : 'lies under something else' };
}

/** Runs in the page: controls that are there for people and were no stop. */
function findMissed() {
  const usable = [
    ...document.querySelectorAll<HTMLElement>(
      'button, input, select, textarea, a[href], summary, [role="tab"], [role="listbox"]',
    ),
  ].filter(
    (element) =>
      !element.matches(':disabled, [aria-disabled="true"], [data-walked]') &&
      element.checkVisibility({ visibilityProperty: true, opacityProperty: false }) &&
      element.closest('[inert], [aria-hidden="true"], .visually-hidden') === null,
  );
  return usable
    .filter((element) => {
      // One stop for all of these: arrows go on inside.
      if (element instanceof HTMLInputElement && element.type === 'radio')
        return (
          document.querySelector(`input[type="radio"][name="${CSS.escape(element.name)}"][data-walked]`) ===
          null
        );
      // Of a long list of like entries the first few are enough.
      if (element.tagName === 'SUMMARY') return document.querySelector('summary[data-walked]') === null;
      const group = element.closest('[role="tablist"], [role="listbox"], [role="menu"]');
      if (group !== null && group !== element)
        return !group.matches('[data-walked]') && group.querySelector('[data-walked]') === null;
      return true;
    })
    .map(
      (element) =>
        `${element.tagName.toLowerCase()} "${element.getAttribute('aria-label') ?? element.textContent.trim().slice(0, 40)}"`,
    );
}
