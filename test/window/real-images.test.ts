import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '../../src/ml/imaging/read-image.ts';
import { needsRealData, realData } from '../real-data.ts';
import { startApplication, type Application } from './application.ts';
import { asker } from './ask-page.ts';
import { folderChoice } from './choices.ts';
import { jobEnd } from './job-end.ts';
import { answerDialogs } from './dialogs.ts';

const title =
  realData === null ? `real photographs and graders (${needsRealData})` : 'real photographs and graders';

describe.skipIf(realData === null)(title, () => {
  const images = realData?.images ?? '';
  const graders = realData?.graders ?? '';
  let folder: string;
  let app: Application;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'medlocker-real-'));
    const source = join(folder, 'eyes');
    await mkdir(source);
    const names = (await readdir(join(images, 'eyepacs400'))).sort().slice(0, 2);
    for (const name of names) await copyFile(join(images, 'eyepacs400', name), join(source, name));
    app = await startApplication({ data: join(folder, 'data'), size: { width: 1440, height: 900 } });
  });

  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('are imported, protected with the lesion network, shown in the review and restored bit for bit', async () => {
    const ask = asker(app.page);
    const importGrader = async (name: string) => {
      await answerDialogs(app, join(graders, name));
      const file = await ask('paths.pickFile', { purpose: 'grader' });
      return (await ask('graders.import', { file: file?.id ?? '' })).id;
    };
    const surrogate = await importGrader('mobilenetv2_a.onnx');
    const victim = await importGrader('hybridvgg_b.onnx');
    const key = await ask('keys.create', {
      kind: 'owner',
      name: 'Eye Clinic',
      passphrase: 'words for a test',
      remember: false,
    });
    const choice = await folderChoice(app, join(folder, 'eyes'), {
      surrogates: [surrogate],
      victims: [victim],
    });
    const { id } = await ask('jobs.start', { choice, ownerKey: key.id, reviewRequired: false });
    const job = await jobEnd(app, id);
    expect(job.state).toEqual({ status: 'done' });
    // A photograph may have no room; then it is left to its owner and says so.
    const { items } = await ask('jobs.items', { job: job.id, from: 0, count: 10, only: 'all' });
    const done = items.filter(({ state }) => state === 'done');
    expect(items.map(({ state }) => state).filter((state) => state === 'failed')).toEqual([]);
    expect(done.length).toBeGreaterThanOrEqual(1);

    const shown = await ask('review.item', { job: job.id, path: done[0].path });
    expect(shown.figures.overlapPixels).toBe(0);
    expect(shown.predictions.map(({ role }) => role)).toContain('victim');
    await app.page.keyboard.press('Control+3');
    await app.page.getByText('0 px in the forbidden zone').first().waitFor();

    await mkdir(join(folder, 'restored'));
    await answerDialogs(app, join(folder, 'restored'));
    const out = await ask('paths.pickFolder', { purpose: 'restore' });
    const restoration = await ask('certificates.restore', {
      path: job.out.id,
      out: out?.id ?? '',
      access: { kind: 'owner', key: key.id },
    });
    expect(restoration.images.map(({ exact }) => exact)).toEqual(done.map(() => true));
    for (const { path } of restoration.images) {
      const original = await readImage(join(folder, 'eyes', path.replace(/\.png$/, '.jpg')));
      const restored = await readImage(join(folder, 'restored', path));
      expect(restored.raster).toEqual(original.raster);
    }
    expect(await readFile(join(folder, 'data', 'settings.json'), 'utf8').catch(() => '')).not.toContain(
      'words',
    );
  });
});
