import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import type { ProtectChoice } from '../../src/shared/contract/jobs.ts';
import { startApplication } from '../../test/window/application.ts';
import { asker } from '../../test/window/ask-page.ts';
import type { BenchRow } from '../harness.ts';
import { summarize } from '../measure.ts';
import { openFolder } from './folders.ts';
import { enginePid, processorTime } from './processes.ts';
import { rowOf, timesSlower } from './rows.ts';
import { sampleChoice } from '../../test/window/choices.ts';
import { slowdown } from './slowdown.ts';

const previews = 20;

/** Previews of a small and of a large image: the first one, and one after each change of a setting. */
export async function previewRows(folder: string): Promise<BenchRow[]> {
  const app = await startApplication({ data: join(folder, 'data') });
  try {
    const ask = asker(app.page);
    const choice = await sampleChoice(app);
    const engine = await enginePid(app.electron.process().pid ?? 0);
    const large = join(folder, 'large');
    await makeLarge(large);
    const rows: BenchRow[] = [];
    const cases: [string, ProtectChoice, string][] = [
      ['512 x 512', choice, 'retina-01.png'],
      [
        '4288 x 2848',
        { ...choice, source: await openFolder(app, large), labels: null, annotations: null },
        'large.jpg',
      ],
    ];
    for (const [what, own, path] of cases) {
      const walls: number[] = [];
      const processors: number[] = [];
      const slow: number[] = [];
      for (let i = 0; i <= previews; i++) {
        slow.push(slowdown());
        const opacity = 0.3 + i / 100;
        const mark = { ...own.settings.mark, opacity, minimumOpacity: opacity };
        const before = await processorTime(engine);
        const started = performance.now();
        await ask('preview.make', { choice: { ...own, settings: { ...own.settings, mark } }, path });
        walls.push(performance.now() - started);
        processors.push((await processorTime(engine)) - before);
      }
      const [first = Number.NaN, ...rest] = walls;
      const machine = timesSlower(summarize(slow).median);
      rows.push(
        rowOf(`preview after a change, ${what}`, rest, 'ms', 500, {
          'processor (ms)': summarize(processors.slice(1)).median,
          machine,
        }),
        // It decodes the image, opens the grader and finds the zone; the image itself is on show before.
        rowOf(`first preview of a folder, ${what}`, [first], 'ms', undefined, {
          'processor (ms)': processors[0] ?? Number.NaN,
          machine,
        }),
      );
    }
    return rows;
  } finally {
    await app.close();
  }
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
