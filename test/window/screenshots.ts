// Pictures of every screen, for people to look at: `npm run screenshots` writes them into screenshots/.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { presetSettings } from '../../src/shared/presets.ts';
import { startApplication, type Application } from './application.ts';
import { asker } from './ask-page.ts';

const folder = join(import.meta.dirname, '..', '..', 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const themes = ['dark', 'light'] as const;
const screens = ['start', 'protect', 'review', 'certificates', 'lab', 'settings', 'about'];

await mkdir(folder, { recursive: true });
const app = await startApplication({ size: sizes[0] });
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
await page.keyboard.press('Control+2');
await page.waitForTimeout(800);
await picture(app, 'protect-job');
for (const size of sizes) {
  await resize(app, size);
  for (const theme of themes) {
    await ask('settings.set', { theme });
    for (const [index, screen] of screens.entries()) {
      await page.keyboard.press(`Control+${index + 1}`);
      await page.waitForTimeout(900);
      await picture(app, `${screen}-${theme}-${size.width}`);
    }
  }
}
await app.close();

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
  const samples = await ask('source.samples', {});
  const key = await ask('keys.create', {
    kind: 'owner',
    name: 'Eye Clinic',
    passphrase: 'only for pictures',
    remember: false,
  });
  await ask('settings.set', { ownerKey: key.id, welcomed: true });
  const job = await ask('jobs.start', {
    choice: {
      source: samples.source.id,
      out: null,
      settings: { preset: 'balanced', seed: 1, ...presetSettings('balanced') },
      logo: { kind: 'bundled' },
      surrogates: ['bundled:demo-resnet.onnx', 'bundled:demo-vgg.onnx'],
      victims: ['bundled:demo-victim-mobilenet.onnx'],
      verifyPipelines: ['direct', 'jpeg:75'],
      labels: samples.labels.id,
      annotations: samples.annotations.id,
      zoneSource: 'auto',
      allowUnannotated: false,
      dilation: null,
      landmarks: true,
      format: 'png',
      stripMetadata: false,
      rights: null,
      limit: 6,
    },
    ownerKey: key.id,
    reviewRequired: true,
  });
  for (;;) {
    await page.waitForTimeout(500);
    const { state } = await ask('jobs.get', { job: job.id });
    if (state.status === 'done') return;
    if (state.status === 'failed') throw new Error(state.failure.message);
  }
}
