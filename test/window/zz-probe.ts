import { join } from 'node:path';
import { presetSettings } from '../../src/shared/presets.ts';
import { startApplication } from './application.ts';
import { asker } from './ask-page.ts';
const app = await startApplication({ size: { width: 1280, height: 800 }, data: '/tmp/ej/appdata' });
const { page } = app;
page.on('console', (m) => {
  if (m.type() !== 'log') console.log('page:', m.text());
});
page.on('pageerror', (e) => console.log('page error:', e.message));
const ask = asker(page);
await page.waitForTimeout(1500);
const key = await ask('keys.create', {
  kind: 'owner',
  name: 'Eye Clinic',
  passphrase: 'only for pictures',
  remember: false,
});
await ask('settings.set', { ownerKey: key.id, welcomed: true, theme: 'dark' });
await app.electron.evaluate(({ dialog }, path) => {
  (dialog as any).showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
}, '/tmp/ej/real');
const source = await (ask as any)('paths.pickFolder', { purpose: 'source' }).catch(
  (e: Error) => (console.log(e.message), null),
);
console.log(JSON.stringify(source));
const handle = Array.isArray(source) ? source[0] : source;
const job = await ask('jobs.start', {
  choice: {
    source: handle.id,
    out: null,
    settings: { preset: 'balanced', seed: 1, ...presetSettings('balanced') },
    logo: { kind: 'bundled' },
    surrogates: ['bundled:demo-resnet.onnx'],
    victims: ['bundled:demo-victim-mobilenet.onnx'],
    verifyPipelines: ['direct', 'jpeg:75'],
    labels: null,
    annotations: null,
    zoneSource: 'auto',
    allowUnannotated: true,
    dilation: null,
    landmarks: true,
    format: 'png',
    stripMetadata: false,
    rights: null,
    limit: null,
  },
  ownerKey: key.id,
  reviewRequired: true,
});
for (;;) {
  await page.waitForTimeout(500);
  const { state } = await ask('jobs.get', { job: job.id });
  if (state.status === 'done') break;
  if (state.status === 'failed') throw new Error(JSON.stringify(state));
}
console.log('done');
await page.keyboard.press('Control+3');
await page.waitForTimeout(3000);
await page.screenshot({ path: '/tmp/ej/review1.png' });
console.log(await page.locator('button').allInnerTexts());
await app.close();
