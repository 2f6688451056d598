// Pictures of every screen, for people to look at: `npm run screenshots` writes them into screenshots/.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startApplication, type Application } from './application.ts';
import { asker } from './ask-page.ts';
import { sampleChoice } from './choices.ts';
import { jobEnd } from './job-end.ts';

const folder = join(import.meta.dirname, '..', '..', 'screenshots');
const small = { width: 1280, height: 800 };
const sizes = [small, { width: 1920, height: 1080 }];
const themes = ['dark', 'light'] as const;
const screens = ['start', 'protect', 'review', 'certificates', 'lab', 'settings', 'about'];

await mkdir(folder, { recursive: true });
const app = await startApplication({ size: small });
app.page.on('console', (message) => {
  if (message.type() === 'error' || message.type() === 'warning')
    process.stdout.write(`page: ${message.text()}\n`);
});
app.page.on('pageerror', (error) => process.stdout.write(`page: ${error.message}\n`));
const { page } = app;
const ask = asker(page);

await page.waitForTimeout(1500);
await picture(app, 'start-first');
await page.getByRole('button', { name: 'sample set' }).first().click();
await page.waitForTimeout(4000);
await picture(app, 'protect-setup');
await protectSamples();
// What was made by the bridge is read anew: the page did not make it itself.
await page.reload();
await page.getByText('Engine ready').waitFor();
await page.keyboard.press('Control+1');
await page
  .getByRole('main')
  .getByRole('button', { name: /^images/ })
  .first()
  .click();
await page.waitForTimeout(800);
await picture(app, 'protect-job');
for (const size of sizes) {
  await resize(app, size);
  for (const theme of themes) {
    await ask('settings.set', { theme });
    await everyView(`${theme}-${size.width}`);
  }
}
await resize(app, small);
for (const language of ['de', 'zh'] as const) {
  await ask('settings.set', { language, theme: 'light' });
  await everyView(`${language}-${small.width}`);
}
await ask('settings.set', { language: 'en' });
await worked();
await app.close();

/** Every screen, and every tab of it. */
async function everyView(suffix: string): Promise<void> {
  for (const [index, screen] of screens.entries()) {
    await page.keyboard.press(`Control+${index + 1}`);
    await page.waitForTimeout(900);
    const tabs = page.getByRole('tab');
    await picture(app, `${screen}-${suffix}`);
    for (let tab = 1; tab < (await tabs.count()); tab++) {
      await tabs.nth(tab).click();
      await page.waitForTimeout(500);
      await picture(app, `${screen}-${tab}-${suffix}`);
    }
    if ((await tabs.count()) > 0) await tabs.first().click();
  }
}

/** What only work brings onto the screens: a mark being moved, boxes, dialogs, a verdict, a filled form. */
async function worked(): Promise<void> {
  await page.keyboard.press('Control+3');
  await page.waitForTimeout(1500);
  for (const [name, keys] of Object.entries({
    sideBySide: 'd',
    difference: 'x',
    moving: 'sm',
    boxes: 'e+',
    help: '?',
  })) {
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForTimeout(1500);
    await picture(app, `work-review-${name}`);
    if (keys.length > 1 || name === 'help') await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Control+4');
  await page.getByRole('button', { name: 'images-protected' }).first().click();
  await page.waitForTimeout(3000);
  await picture(app, 'work-verified');
  await page.getByRole('tab', { name: 'Keys' }).click();
  await page.getByRole('button', { name: 'Make a recipient key' }).click();
  await page.waitForTimeout(500);
  await picture(app, 'work-key');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+5');
  await page.getByRole('tab', { name: 'Runs' }).click();
  await page.getByRole('button', { name: 'Train a grader' }).click();
  await page.waitForTimeout(500);
  await picture(app, 'work-form');
  await page.getByRole('tab', { name: 'Transfer' }).click();
  await page.waitForTimeout(500);
  await page.locator('table button').first().click();
  await page.waitForTimeout(500);
  await picture(app, 'work-cell');
}

async function picture({ page: shown }: Application, name: string): Promise<void> {
  await shown.screenshot({ path: join(folder, `${name}.png`) });
  process.stdout.write(`${name}\n`);
}

async function resize({ electron }: Application, size: { width: number; height: number }): Promise<void> {
  await electron.evaluate(
    ({ BrowserWindow }, wanted) =>
      BrowserWindow.getAllWindows()[0]?.setContentSize(wanted.width, wanted.height),
    size,
  );
}

/** A finished job of the sample set, by the bridge. */
async function protectSamples(): Promise<void> {
  const key = await ask('keys.create', {
    kind: 'owner',
    name: 'Eye Clinic',
    passphrase: 'only for pictures',
    remember: false,
  });
  await ask('settings.set', { ownerKey: key.id, welcomed: true });
  const choice = await sampleChoice(app, {
    surrogates: ['bundled:demo-resnet.onnx', 'bundled:demo-vgg.onnx'],
    victims: ['bundled:demo-victim-mobilenet.onnx'],
    limit: 6,
  });
  const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: true });
  const { state } = await jobEnd(app, id);
  if (state.status !== 'done') throw new Error(JSON.stringify(state));
}
