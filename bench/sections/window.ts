import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import type { ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import { startApplication, type Application } from '../../test/window/application.ts';
import { asker } from '../../test/window/ask-page.ts';
import { type BenchRow, type BenchSection, NotMeasured } from '../harness.ts';
import { summarize } from '../measure.ts';
import { idleMemory, startTime } from '../window/idle.ts';
import { scroll } from '../window/scrolling.ts';

const STARTS = 7;
const PREVIEWS = 20;
const FILES = 10_000;
const FRAMES = 300;

export const section: BenchSection = {
  name: 'window',
  question: 'Does the window start, preview, scroll and answer as quickly as a person expects?',
  run: async ({ say }) => {
    if (process.platform !== 'linux') throw new NotMeasured('memory is read from /proc');
    const folder = await mkdtemp(join(tmpdir(), 'medlocker-bench-window-'));
    try {
      const data = join(folder, 'data');
      const rows = [await startRow(data), await memoryRow(data)];
      say('started and at rest');
      rows.push(
        ...(await previewRows(data, say)),
        await scrollRow(folder, data, say),
        ...(await busyRows(data, say)),
      );
      return { rows, notes };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const notes = [
  'The built window (dist/) in a real Electron on a virtual screen, its pixels drawn by the processor: a machine with a graphics card scrolls more smoothly.',
  'start: from the process creation time to the first paint of the navigation, the engine starting beside it; the first start is not counted.',
  'memory: proportional set size of the processes of Electron after 10 s at rest, without the engine.',
  'preview: request and answer in the page, opacity changed each time, sample retina of 512 pixels and photograph of 2848 pixels, bundled grader.',
];

async function startRow(data: string): Promise<BenchRow> {
  await startTime(data);
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) times.push(await startTime(data));
  return row('start to first paint', times, 'ms', 1500);
}

async function memoryRow(data: string): Promise<BenchRow> {
  return row('memory at rest, without the engine', [await idleMemory(data, 10_000)], 'MB', 350);
}

async function previewRows(data: string, say: (line: string) => void): Promise<BenchRow[]> {
  const app = await startApplication({ data });
  try {
    const ask = asker(app.page);
    const choice = await sampleChoice(app);
    const rows: BenchRow[] = [];
    const large = join(data, 'large');
    await makeLarge(large);
    const places: [string, string, string][] = [
      ['preview after a change, 512 x 512', choice.source, 'retina-01.png'],
      ['preview after a change, 4288 x 2848', await openFolder(app, large), 'large.jpg'],
    ];
    for (const [what, source, path] of places) {
      const times: number[] = [];
      for (let i = 0; i <= PREVIEWS; i++) {
        const opacity = 0.3 + i / 100;
        const mark = { ...choice.settings.mark, opacity, minimumOpacity: opacity };
        const settings = { ...choice.settings, mark };
        const own = source === choice.source ? choice : { ...choice, labels: null, annotations: null };
        const started = performance.now();
        await ask('preview.make', { choice: { ...own, source, settings }, path });
        // The first one decodes the image and opens the grader.
        if (i > 0) times.push(performance.now() - started);
      }
      rows.push(row(what, times, 'ms', 500));
      say(what);
    }
    return rows;
  } finally {
    await app.close();
  }
}

async function scrollRow(folder: string, data: string, say: (line: string) => void): Promise<BenchRow> {
  const many = join(folder, 'many');
  await makeMany(many);
  say(`${FILES} images made`);
  const app = await startApplication({ data, size: { width: 1920, height: 1080 } });
  try {
    await app.page.keyboard.press('Control+2');
    await answerDialogs(app, many);
    await app.page
      .getByRole('button', { name: /open folder|other folder/i })
      .first()
      .click();
    await app.page
      .getByText(/10,000/)
      .first()
      .waitFor();
    await app.page.waitForTimeout(3000);
    const { frames, median, percentile95, missed } = await scroll(app.page, '[role="listbox"]', FRAMES);
    return {
      what: `scrolling a folder of ${FILES} images, time between frames`,
      n: frames,
      value: median,
      low: median,
      high: percentile95,
      spread: 'range',
      unit: 'ms',
      target: { atMost: 17 },
      details: { 'frames missed': `${(missed * 100).toFixed(1)} %` },
    };
  } finally {
    await app.close();
  }
}

/** While a job runs: the longest task of the page, and the longest time the main process did not listen. */
async function busyRows(data: string, say: (line: string) => void): Promise<BenchRow[]> {
  const app = await startApplication({ data });
  try {
    const ask = asker(app.page);
    const choice = await sampleChoice(app);
    const key = await ask('keys.create', {
      kind: 'owner',
      name: 'bench',
      passphrase: 'only for benches',
      remember: false,
    });
    await app.page.keyboard.press('Control+2');
    await app.page.waitForTimeout(1000);
    await app.page.evaluate(() => {
      const holder = globalThis as unknown as { longTasks: number[] };
      holder.longTasks = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) holder.longTasks.push(entry.duration);
      }).observe({ type: 'longtask' });
    });
    await app.electron.evaluate(() => {
      const holder = globalThis as unknown as { worstDelay: number };
      holder.worstDelay = 0;
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        holder.worstDelay = Math.max(holder.worstDelay, now - last - 5);
        last = now;
      }, 5);
    });
    let job = await ask('jobs.start', {
      choice: { ...choice, out: null },
      ownerKey: key.id,
      reviewRequired: false,
    });
    while (job.state.status !== 'done') {
      if (job.state.status === 'failed') throw new Error(job.state.failure.message);
      await app.page.waitForTimeout(250);
      job = await ask('jobs.get', { job: job.id });
    }
    say('job done');
    const tasks = await app.page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
    const delay = await app.electron.evaluate(
      () => (globalThis as unknown as { worstDelay: number }).worstDelay,
    );
    return [
      // The observer reports tasks from 50 ms on.
      {
        ...row('longest task of the page while a job runs', [Math.max(50, ...tasks)], 'ms', 100),
        n: job.finished,
      },
      { ...row('longest deafness of main while a job runs', [delay], 'ms', 50), n: job.finished },
    ];
  } finally {
    await app.close();
  }
}

async function sampleChoice(app: Application): Promise<ProtectChoice> {
  const samples = await asker(app.page)('source.samples', {});
  return {
    source: samples.source.id,
    out: null,
    settings: { preset: 'balanced', seed: 1, ...presetSettings('balanced') },
    logo: { kind: 'bundled' },
    surrogates: ['bundled:demo-resnet.onnx'],
    victims: [],
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
    limit: null,
  };
}

/** The system's dialogs cannot be driven: they answer with this path. */
async function answerDialogs(app: Application, path: string): Promise<void> {
  await app.electron.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, path);
}

async function openFolder(app: Application, path: string): Promise<string> {
  await answerDialogs(app, path);
  const handle = await asker(app.page)('paths.pickFolder', { purpose: 'source' });
  if (handle === null) throw new Error('no folder was chosen');
  return handle.id;
}

async function makeLarge(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { width, height, data } = synthesizeFundus({ grade: 3, seed: 1, size: 1424 }).raster;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(2848, 2848)
    .extend({ left: 720, right: 720, background: '#000' })
    .jpeg({ quality: 92 })
    .toFile(join(folder, 'large.jpg'));
}

async function makeMany(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { width, height, data } = synthesizeFundus({ grade: 2, seed: 2, size: 400 }).raster;
  const first = join(folder, '00000.jpg');
  await writeFile(
    first,
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer(),
  );
  for (let i = 1; i < FILES; i++) await copyFile(first, join(folder, `${String(i).padStart(5, '0')}.jpg`));
}

function row(what: string, values: readonly number[], unit: string, atMost: number): BenchRow {
  const { n, median, min, max } = summarize(values);
  return { what, n, value: median, low: min, high: max, spread: 'range', unit, target: { atMost } };
}
