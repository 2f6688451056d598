// Each person's way through the real window, one after the other in one program; what they did is checked on the disk.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/ml/imaging/read-image.ts';
import { medlocker } from '../end-to-end/medlocker.ts';
import { writeTinyGrader } from '../end-to-end/tiny-grader.ts';
import { violations } from './accessibility.ts';
import { startApplication, type Application } from './application.ts';
import { asker } from './ask-page.ts';
import { answerDialogs } from './dialogs.ts';
import { pictureOfFailure, retinas, threeRetinas } from './three-retinas.ts';

const passphrase = 'words for a test';

let folder: string;
let app: Application;
let page: Page;

const inFolder = (...parts: string[]) => join(folder, ...parts);
const out = () => inFolder('images-protected');

beforeAll(async () => {
  folder = await threeRetinas();
  await writeTinyGrader(inFolder('tiny.onnx'), 3);
  app = await startApplication({ data: inFolder('data'), size: { width: 1440, height: 900 } });
  page = app.page;
  page.setDefaultTimeout(20_000);
});

afterEach(({ task }) => pictureOfFailure(page, task));

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the owner', () => {
  it('opens a folder and sees a plan and a preview before anything is written', async () => {
    await answerDialogs(app, inFolder('images'));
    await page.getByRole('button', { name: 'Open folder' }).first().click();
    await page.getByText('3 images').first().waitFor();
    await page.getByRole('radio', { name: 'Published' }).check({ force: true });
    await page
      .getByText(/\d+(\.\d+)? dB/)
      .first()
      .waitFor();
    await page.getByText(/ of .* free/).waitFor();
    expect(await readdir(folder)).not.toContain('images-protected');
    expect(await violations(page)).toEqual([]);
  });

  it('makes a key and protects the folder', async () => {
    await page.getByRole('button', { name: 'Make a key and start' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Eye Clinic');
    await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await dialog.getByLabel('Passphrase again').fill(passphrase);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('Done', { exact: true }).first().waitFor({ timeout: 120_000 });
    // Nobody is told of an effect without what random marks do.
    expect(await page.getByText(/the same marks at random places: \d of \d/).count()).toBe(2);
    expect(await violations(page)).toEqual([]);
    const files = await readdir(out(), { recursive: true });
    expect(files).toContain('medlocker-set.json');
    for (const name of retinas) {
      expect(files).toContain(name);
      const [before, after] = [await readImage(inFolder('images', name)), await readImage(join(out(), name))];
      expect(after.raster.data).not.toEqual(before.raster.data);
    }
    await exportPublicHalf();
    expect(await verified(out())).toBe(0);
  });

  it('leaves neither passphrase nor secret in any file', async () => {
    expect(await filesHolding(folder, passphrase)).toEqual([]);
  });
});

describe('the clinician', () => {
  it('sees before and after in every way of comparing', async () => {
    await page.keyboard.press('Control+3');
    await page.getByRole('heading', { name: 'Review' }).waitFor();
    await page
      .getByText('Overlap with the forbidden zone')
      .or(page.getByText('0 px in the forbidden zone'))
      .first()
      .waitFor();
    for (const mode of ['Side by side', 'Blink', 'Difference', 'Slider']) {
      await page.getByRole('radio', { name: mode }).check({ force: true });
      await page.waitForTimeout(300);
      expect(await violations(page)).toEqual([]);
    }
  });

  it('approves and rejects by keyboard, and the decisions outlive the program', async () => {
    await page.getByRole('heading', { name: 'Review' }).click();
    await page.keyboard.press('a');
    await page.getByText('1 of 3 decided').waitFor();
    await page.keyboard.press('r');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason in your own words').fill('Image itself is not usable');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('2 of 3 decided').waitFor();
    await restart();
    await page.keyboard.press('Control+3');
    await page.getByText('2 of 3 decided').waitFor();
  });

  it('moves a mark by keyboard to a legal place, and the image is certified anew', async () => {
    const before = await pixelsOf('retina-01.png');
    await page.getByText('retina-01.png').first().click();
    await page.getByRole('button', { name: 'Move mark 1' }).waitFor();
    await page.getByRole('heading', { name: 'Review' }).click();
    await page.keyboard.press('m');
    await unlockWhenAsked();
    await page.getByText(/[\d,]+ legal places/).waitFor();
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowRight');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByText('Changed by hand in this review').waitFor();
    const after = await pixelsOf('retina-01.png');
    expect(after).not.toEqual(before);
    expect(await verified(join(out(), 'retina-01.png'))).toBe(0);
    // What was rejected is no part of the set any more.
    expect(await readdir(out())).not.toContain('retina-02.png');
  });
});

describe('the owner, with certificates', () => {
  it('signs the set anew and verifies it: three lines', async () => {
    await page.keyboard.press('Control+4');
    await page.getByRole('tab', { name: 'Set certificate' }).click();
    await page.getByRole('button', { name: 'Sign the set certificate' }).click();
    await unlockWhenAsked();
    await page.getByText(/medlocker-set\.json lists \d images/).waitFor();
    await page.getByRole('tab', { name: 'Verify' }).click();
    await page.getByRole('button', { name: 'images-protected' }).click();
    await page.getByText('Integrity', { exact: true }).first().waitFor();
    for (const line of ['Integrity', 'Signature', 'Trust']) {
      expect(await page.getByText(line, { exact: true }).count()).toBeGreaterThan(0);
    }
    expect(await violations(page)).toEqual([]);
    expect(await verified(out())).toBe(0);
  });

  it('exports the parameter list', async () => {
    await page.getByRole('tab', { name: 'Set certificate' }).click();
    await answerDialogs(app, inFolder('parameters.csv'));
    await page.getByRole('button', { name: 'CSV' }).click();
    await page.getByText(/parameters\.csv: \d+ marks/).waitFor();
    const lines = (await readFile(inFolder('parameters.csv'), 'utf8')).trim().split('\n');
    // A heading and one mark of each image that was not rejected.
    expect(lines).toHaveLength(3);
  });

  it('restores the originals bit for bit', async () => {
    await page.getByRole('tab', { name: 'Restore' }).click();
    await answerDialogs(app, inFolder('restored'));
    const pickers = page.getByRole('button', { name: 'Choose folder' });
    await page
      .getByRole('button', { name: 'images-protected' })
      .first()
      .click()
      .catch(() => undefined);
    if ((await pickers.count()) > 0) await pickers.last().click();
    await page.getByRole('button', { name: 'Restore', exact: true }).last().click();
    await unlockWhenAsked();
    await page
      .getByText(/images restored, bit for bit/)
      .last()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    for (const name of await readdir(inFolder('restored'), { recursive: true })) {
      if (!name.endsWith('.png')) continue;
      const [original, restored] = [
        await readImage(inFolder('images', name)),
        await readImage(inFolder('restored', name)),
      ];
      expect(restored.raster).toEqual(original.raster);
    }
  });
});

describe('the researcher', () => {
  it('sees the graders, imports one and looks at what it sees', async () => {
    await page.keyboard.press('Control+5');
    await page.getByText('demo-resnet').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await answerDialogs(app, inFolder('tiny.onnx'));
    await page.getByRole('button', { name: 'Import a grader' }).click();
    await page.getByRole('dialog').getByText('tiny').first().waitFor();
    await page.getByRole('dialog').locator('img').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Looks right, keep' }).click();
    await page
      .getByRole('cell', { name: 'tiny' })
      .or(page.getByText('tiny', { exact: true }))
      .first()
      .waitFor();
  });

  it('reads the transfer matrix and opens the images of a cell', async () => {
    await page.getByRole('tab', { name: 'Transfer' }).click();
    await page.getByText('direct').first().waitFor();
    expect(await violations(page)).toEqual([]);
    await page.locator('table button').first().click();
    await page
      .getByText(/\d of \d answers changed/)
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
  });
});

async function restart(): Promise<void> {
  await app.close();
  app = await startApplication({ data: inFolder('data'), size: { width: 1440, height: 900 } });
  page = app.page;
  page.setDefaultTimeout(20_000);
  await page.getByText('Engine ready').waitFor();
}

/** After a start keys are locked; the window asks when one is needed. */
async function unlockWhenAsked(): Promise<void> {
  const field = page.getByRole('dialog').getByLabel('Passphrase');
  await field.waitFor({ timeout: 3000 }).catch(() => undefined);
  if ((await field.count()) === 0) return;
  await field.fill(passphrase);
  await page.getByRole('dialog').getByRole('button', { name: 'Unlock' }).click();
}

/** For the command line, which trusts nobody by itself. */
async function exportPublicHalf(): Promise<void> {
  const ask = asker(page);
  const [key] = await ask('keys.list', {});
  await answerDialogs(app, inFolder('owner.pub'));
  const file = await ask('paths.pickSave', { suggestedName: 'owner', kind: 'publicKey' });
  await ask('keys.exportPublic', { key: key.id, file: file?.id ?? '' });
}

/** Exit code of the command line's own verification. */
async function verified(path: string): Promise<number | null> {
  return (await medlocker(['verify', path, '--trust', inFolder('owner.pub')])).code;
}

async function pixelsOf(name: string): Promise<Uint8Array | Uint16Array> {
  return (await readImage(join(out(), name))).raster.data;
}

async function filesHolding(place: string, words: string): Promise<string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files) if ((await readFile(file)).includes(words)) found.push(file);
  return found;
}
