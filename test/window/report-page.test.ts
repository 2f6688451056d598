import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// Plain JavaScript: the same set-up that people run.
import { ensureElectron } from '../../scripts/bootstrap/electron.mjs';
import type { ReportInput } from '../../src/engine/report/report-input.ts';
import { writeReport } from '../../src/engine/report/write-report.ts';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import { leftImages, sampleReport } from '../fixtures/sample-report.ts';
import { violations } from './accessibility.ts';
import { sandboxSwitches } from './application.ts';
import { openScreen, type Screen } from './virtual-screen.ts';

/** Shows one file in a bare window: a browser as a reader of the report has it, with nothing of the application. */
const viewer = `const { app, BrowserWindow } = require('electron');
app.whenReady().then(() => new BrowserWindow({ width: 1280, height: 900 }).loadFile(process.argv.at(-1)));`;

let folder: string;
let screen: Screen;
let electron: ElectronApplication;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'medlocker-report-page-'));
  const { raster, disc } = synthesizeFundus({ seed: 3, grade: 3, size: 256 });
  const files = await writeReport(folder, sampleWithTroubles(), () =>
    Promise.resolve({ original: raster, protected: raster, zone: disc }),
  );
  await writeFile(path.join(folder, 'viewer.cjs'), viewer);
  const { program } = await ensureElectron();
  screen = await openScreen();
  electron = await _electron.launch({
    executablePath: program,
    args: [
      ...sandboxSwitches(),
      `--user-data-dir=${path.join(folder, 'data')}`,
      path.join(folder, 'viewer.cjs'),
      files.html,
    ],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, DISPLAY: screen.display },
  });
  page = await electron.firstWindow();
  await page.waitForLoadState('load');
});

afterAll(async () => {
  await electron.close();
  screen.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the report in a browser', () => {
  it.each(['light', 'dark'] as const)('has no violation of WCAG 2.2 AA in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await page.title()).toContain('clinic-north');
    expect(await violations(page)).toEqual([]);
  });

  it('needs no sideways scrolling at 200 % of a small screen', async () => {
    await page.setViewportSize({ width: 640, height: 400 });
    const { scrolls, width } = await page.evaluate(() => ({
      scrolls: document.documentElement.scrollWidth,
      width: document.documentElement.clientWidth,
    }));
    expect(scrolls).toBeLessThanOrEqual(width);
  });

  it('asks for nothing outside its own file', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.reload();
    expect(asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
    expect(asked.filter((url) => url.startsWith('file:'))).toHaveLength(1);
  });
});

/** Every kind of line a report can hold: images without room, failed ones, zones by a network, doubtful ones. */
function sampleWithTroubles(): ReportInput {
  const base = sampleReport({ images: 12, extra: leftImages });
  const images = base.images.map((image, i) =>
    image.status === 'protected' && i < 5
      ? { ...image, zoneKinds: ['segmentation', 'landmark'], zoneDoubts: i < 2 ? ['too dark'] : [] }
      : image,
  );
  return {
    ...base,
    images,
    lesionNetwork: { name: 'lesion-network.onnx', sha256: 'e'.repeat(64), bundled: true },
  };
}
