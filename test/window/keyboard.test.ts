// Every person's flow in the real window without a pointer; then each screen: where the focus goes, contrast, motion, 200 % zoom.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/ml/imaging/read-image.ts';
import { violations } from './accessibility.ts';
import { startApplication, type Application } from './application.ts';
import { asker } from './ask-page.ts';
import { ByKeyboard } from './by-keyboard.ts';
import { answerDialogs } from './dialogs.ts';
import { pictureOfFailure, retinas, threeRetinas } from './three-retinas.ts';
import { hear, heard } from './live-regions.ts';

const passphrase = 'words for a test';

let folder: string;
let app: Application;
let page: Page;
let keys: ByKeyboard;

const inFolder = (...parts: string[]) => join(folder, ...parts);
const out = () => inFolder('images-protected');
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).first();
const inDialog = () => page.getByRole('dialog');

beforeAll(async () => {
  folder = await threeRetinas();
  app = await startApplication({ data: inFolder('data') });
  page = app.page;
  page.setDefaultTimeout(20_000);
  keys = new ByKeyboard(page);
  await page.getByText('Engine ready').waitFor();
  await hear(page);
});

afterEach(({ task }) => pictureOfFailure(page, task));

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

describe('by keys alone', () => {
  it('the sample set opens, and another folder instead of it', async () => {
    await keys.press(button('Use the sample set'));
    await page.getByText('10 images').first().waitFor();
    expect(await focusIsLost()).toBe(false);
    await answerDialogs(app, inFolder('images'));
    await keys.press(button('Other folder'));
    await keys.press(button('Open folder…'));
    await page.getByText('3 images').first().waitFor();
    expect(await focusIsLost()).toBe(false);
  });

  it('a preset, a strength, graders and a key are chosen and the folder is protected', async () => {
    await keys.reach(page.getByRole('radio', { name: 'Balanced' }));
    await page.keyboard.press('ArrowLeft');
    expect(await page.getByRole('radio', { name: 'Published' }).isChecked()).toBe(true);
    const opacity = page.getByRole('slider', { name: 'Opacity' });
    const before = await opacity.inputValue();
    await keys.reach(opacity);
    await page.keyboard.press('ArrowRight');
    expect(await opacity.inputValue()).not.toBe(before);
    const role = page.getByRole('combobox', { name: 'demo-vgg' });
    await keys.reach(role);
    await page.keyboard.press('End');
    expect(await role.inputValue()).toBe('off');
    await keys.press(button('Make a key and start'));
    await keys.type(inDialog().getByLabel('Name'), 'Eye Clinic');
    await keys.type(inDialog().getByLabel('Passphrase', { exact: true }), passphrase);
    await keys.type(inDialog().getByLabel('Passphrase again'), passphrase);
    await page.keyboard.press('Enter');
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 120_000 });
    expect(await focusIsLost()).toBe(false);
    expect(await heard(page)).toContainEqual(expect.stringContaining('3 protected'));
    expect(await readdir(out())).toEqual(expect.arrayContaining(retinas));
  });

  it('images are compared, approved and rejected', async () => {
    await keys.press(button('Review'));
    await page.getByText('0 px in the forbidden zone').waitFor();
    for (const [key, mode] of Object.entries({
      d: 'Side by side',
      b: 'Blink',
      x: 'Difference',
      s: 'Slider',
    })) {
      await page.keyboard.press(key);
      expect(await page.getByRole('radio', { name: mode }).isChecked()).toBe(true);
    }
    await page.keyboard.press('a');
    await page.getByText('1 of 3 decided').waitFor();
    await expect.poll(() => heard(page)).toContainEqual(expect.stringContaining('retina-02.png'));
    await page.keyboard.press('r');
    await keys.type(inDialog().getByLabel('Reason in your own words'), 'Out of focus');
    await page.keyboard.press('Tab');
    await keys.press(inDialog().getByRole('button', { name: 'Reject' }));
    await page.getByText('2 of 3 decided').waitFor();
    expect(await focusIsLost()).toBe(false);
    const list = await asker(page)('review.list', { job: await jobId() });
    expect(list.map(({ decision }) => decision)).toEqual([
      { decision: 'approved' },
      { decision: 'rejected', reason: 'Out of focus' },
      { decision: 'open' },
    ]);
  });

  it('a mark moves to a legal place', async () => {
    const before = await pixelsOf('retina-06.png');
    await page.getByText('retina-06.png').first().waitFor();
    await page.keyboard.press('m');
    await page.getByText(/[\d,]+ legal places/).waitFor();
    for (const key of ['Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowRight', 'ArrowUp'])
      await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await page.getByText('Changed by hand in this review').waitFor();
    expect(await pixelsOf('retina-06.png')).not.toEqual(before);
  });

  it('a box is drawn, changed, undone, done again and kept', async () => {
    const ask = asker(page);
    const boxes = async () => (await ask('review.item', { job: await jobId(), path: 'retina-06.png' })).boxes;
    await page.keyboard.press('e');
    await page.keyboard.press('+');
    await page.getByText(/Box 1 of 1/).waitFor();
    const first = await page.getByText(/Box 1 of 1/).textContent();
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Shift+Alt+ArrowRight');
    const changed = await page.getByText(/Box 1 of 1/).textContent();
    expect(changed).not.toBe(first);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(await page.getByText(/Box 1 of 1/).textContent()).toBe(first);
    await page.keyboard.press('Control+y');
    await page.keyboard.press('Control+Shift+z');
    expect(await page.getByText(/Box 1 of 1/).textContent()).toBe(changed);
    await page.keyboard.press('Enter');
    await expect.poll(() => heard(page)).toContainEqual(expect.stringContaining('The boxes are saved'));
    expect(await boxes()).toHaveLength(1);
    expect(await heard(page)).toContainEqual(expect.stringContaining('Box 1 of 1'));
    expect(await focusIsLost()).toBe(false);
    await page.keyboard.press('e');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Delete');
    await page.keyboard.press('Enter');
    await expect.poll(boxes).toHaveLength(0);
  });

  it('a recipient gets a key and a licence', async () => {
    await page.keyboard.press('Control+4');
    await openTab('Keys');
    await keys.press(button('Make a recipient key'));
    await keys.type(inDialog().getByLabel('Name'), 'Ada');
    await keys.type(inDialog().getByLabel('Passphrase', { exact: true }), passphrase);
    await keys.type(inDialog().getByLabel('Passphrase again'), passphrase);
    await keys.press(inDialog().getByRole('button', { name: 'Create key' }));
    await page.getByRole('cell', { name: 'Ada', exact: true }).waitFor();
    expect(await focusIsLost()).toBe(false);
    await openTab('Licences');
    await answerDialogs(app, inFolder('ada.licence.json'));
    await keys.type(page.getByLabel('Licensee'), 'Ada');
    await keys.press(button('Sign and save the licence…'));
    await page.getByText('ada.licence.json is written for Ada').waitFor();
    expect(await heard(page)).toContainEqual(expect.stringContaining('is written for Ada'));
    expect(await readdir(folder)).toContain('ada.licence.json');
  });

  it('the set is verified and restored with that licence', async () => {
    await openTab('Verify');
    await keys.press(button('images-protected'));
    await page.getByText('Integrity', { exact: true }).first().waitFor();
    await expect.poll(() => heard(page)).toContain('Verified: images-protected');
    await openTab('Restore');
    await keys.press(button('Protected folder or image: images-protected'));
    await answerDialogs(app, inFolder('restored'));
    await keys.press(button('Restored images go to: Choose folder…'));
    await keys.reach(page.getByRole('radio', { name: "Owner's key" }));
    await page.keyboard.press('ArrowRight');
    await answerDialogs(app, inFolder('ada.licence.json'));
    await keys.press(button('Licence: Choose licence…'));
    await keys.press(page.getByRole('button', { name: 'Restore', exact: true }).last());
    await page
      .getByText(/images restored, bit for bit/)
      .last()
      .waitFor();
    await expect.poll(() => heard(page)).toContainEqual(expect.stringContaining('restored, bit for bit'));
    for (const name of (await readdir(inFolder('restored'))).filter((one) => one.endsWith('.png'))) {
      expect((await readImage(inFolder('restored', name))).raster).toEqual(
        (await readImage(inFolder('images', name))).raster,
      );
    }
  });

  it('a run is put together and a cell of the matrix opens its images', async () => {
    await page.keyboard.press('Control+5');
    await openTab('Runs');
    await keys.press(button('Train a grader'));
    await page.getByRole('heading', { name: 'Train a grader' }).waitFor();
    await answerDialogs(app, inFolder('images'));
    await keys.press(button('Images: Choose folder…'));
    await page.getByText('images', { exact: true }).first().waitFor();
    await keys.type(page.getByLabel('Epochs', { exact: true }), '0');
    await keys.press(page.getByRole('main').getByRole('button', { name: 'Start', exact: true }));
    await expect.poll(() => heard(page)).toContainEqual(expect.stringContaining('Something is missing'));
    await openTab('Transfer');
    await page.locator('table button').first().waitFor();
    await keys.press(page.locator('table button').first());
    await page
      .getByText(/\d of \d answers changed/)
      .first()
      .waitFor();
    await keys.press(button('Open in Review'));
    await page.getByRole('heading', { name: 'Review' }).waitFor();
  });

  it('dialogs and menus keep the focus inside and give it back', async () => {
    await page.keyboard.press('Control+4');
    await openTab('Keys');
    const opener = button('Make a recipient key');
    await keys.press(opener);
    await inDialog().waitFor();
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab');
      await keys.look();
      expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(
        true,
      );
    }
    await page.keyboard.press('Escape');
    await inDialog().waitFor({ state: 'hidden' });
    expect(await hasFocus(opener)).toBe(true);
    await page.keyboard.press('Control+3');
    await keys.press(page.getByRole('main').getByRole('button', { name: 'Keys' }));
    await inDialog().waitFor();
    await page.keyboard.press('Escape');
    await inDialog().waitFor({ state: 'hidden' });
    expect(await hasFocus(page.getByRole('main').getByRole('button', { name: 'Keys' }))).toBe(true);
  });

  it('the focus was plain to see wherever it went', () => {
    expect([...keys.faults]).toEqual([]);
  });
});

describe('every screen', () => {
  it('lets the focus come to all that can be used, and has no violation in the dark theme', async () => {
    await asker(page)('settings.set', { theme: 'dark' });
    const broken: string[] = [];
    const found: Record<string, unknown> = {};
    await eachView(async (view) => {
      const { missed, stops } = await keys.walk();
      if (missed.length > 0) found[view] = { missed, stops };
      for (const violation of await violations(page)) broken.push(`${view}: ${violation}`);
    });
    expect(found).toEqual({});
    expect(broken).toEqual([]);
    expect([...keys.faults]).toEqual([]);
    expect(await page.locator('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])').count()).toBe(0);
  });

  it('has enough contrast in the light theme, too', async () => {
    await asker(page)('settings.set', { theme: 'light' });
    const found: string[] = [];
    await eachView(async (view) => {
      for (const violation of await violations(page, ['color-contrast'])) found.push(`${view}: ${violation}`);
    });
    expect(found).toEqual([]);
  });

  it('moves nothing where less motion is asked for', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving: string[] = [];
    await eachView(async (view) => {
      const running = await page.evaluate(() =>
        document
          .getAnimations()
          .filter(
            ({ playState, effect }) =>
              playState === 'running' && Number(effect?.getComputedTiming().activeDuration) > 50,
          )
          .map(({ effect }) =>
            effect instanceof KeyframeEffect ? effect.target?.outerHTML.slice(0, 100) : '',
          ),
      );
      for (const what of running) moving.push(`${view}: ${what ?? ''}`);
    });
    await page.keyboard.press('Control+3');
    await page.keyboard.press('b');
    const shown = page.getByText(/^(Before|After)$/).first();
    const before = await shown.textContent();
    await page.waitForTimeout(1600);
    expect(await shown.textContent()).toBe(before);
    await page.keyboard.press('s');
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(moving).toEqual([]);
  });

  it.each(['dark', 'light'] as const)('holds together at twice the size in the %s theme', async (theme) => {
    await asker(page)('settings.set', { theme });
    await zoom(2);
    const found: string[] = [];
    await eachView(async (view) => {
      for (const fault of await page.evaluate(findCutOff)) found.push(`${view}: ${fault}`);
    });
    await zoom(1);
    expect(found).toEqual([]);
  });
});

/** All screens and all their tabs. */
async function eachView(look: (view: string) => Promise<void>): Promise<void> {
  for (const [index, name] of [
    'start',
    'protect',
    'review',
    'certificates',
    'lab',
    'settings',
    'about',
  ].entries()) {
    await page.keyboard.press(`Control+${index + 1}`);
    await page.locator('main h1').waitFor();
    await page.waitForTimeout(120);
    const tabs = await page.getByRole('tab').count();
    if (tabs === 0) await look(name);
    for (let tab = 0; tab < tabs; tab++) {
      const title = await page.getByRole('tab').nth(tab).innerText();
      await page.getByRole('tab').nth(tab).focus();
      await page.waitForTimeout(120);
      await look(`${name}, ${title}`);
    }
  }
}

/** Goes to the list of tabs and along it. */
async function openTab(name: string): Promise<void> {
  await keys.reach(page.getByRole('tab', { selected: true }));
  const wanted = page.getByRole('tab', { name });
  for (let presses = 0; presses < 6 && !(await hasFocus(wanted)); presses++)
    await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name, selected: true }).waitFor();
}

function hasFocus(goal: ReturnType<typeof button>): Promise<boolean> {
  return goal.evaluate((element) => element === document.activeElement);
}

/** Gone to the page itself: the next Tab would begin at its top. */
function focusIsLost(): Promise<boolean> {
  return page.evaluate(() => document.activeElement === null || document.activeElement === document.body);
}

async function jobId(): Promise<string> {
  return (await asker(page)('jobs.list', {}))[0]?.id ?? '';
}

async function pixelsOf(name: string): Promise<Uint8Array | Uint16Array> {
  return (await readImage(join(out(), name))).raster.data;
}

async function zoom(factor: number): Promise<void> {
  await app.electron.evaluate(
    ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(wanted),
    factor,
  );
  await page.waitForFunction((width) => innerWidth <= width, 1280 / factor + 1);
}

/** Runs in the page: what a person could only see by scrolling sideways, or not at all. */
function findCutOff(): string[] {
  const found: string[] = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`the document is ${scrollWidth} wide in ${clientWidth}`);
  for (const element of document.querySelectorAll<HTMLElement>('.view, .screen > .body, .screen, main'))
    if (element.scrollWidth > element.clientWidth + 1)
      found.push(`${element.className} is ${element.scrollWidth} wide in ${element.clientWidth}`);
  for (const element of document.querySelectorAll<HTMLElement>(
    'button, input, select, textarea, h1, h2, h3',
  )) {
    if (
      !element.checkVisibility({ visibilityProperty: true }) ||
      element.closest('.visually-hidden') !== null
    )
      continue;
    const { left, right, width } = element.getBoundingClientRect();
    if (width === 0 || (left >= -1 && right <= innerWidth + 1)) continue;
    const scrolls = (one: Element | null): boolean =>
      one !== null && (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
    if (!scrolls(element.parentElement))
      found.push(
        `${element.tagName} "${element.textContent.trim().slice(0, 30)}" reaches to ${Math.round(right)}`,
      );
  }
  return found;
}
