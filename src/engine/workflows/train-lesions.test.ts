import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import { synthesizeFundus } from '../../ml/imaging/synthetic-fundus.ts';
import { readLesionCard } from '../../ml/lesions/network/lesion-card.ts';
import { zoneToPng } from '../../ml/lesions/zone-png.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { trainLesions, type TrainLesionsRequest } from './train-lesions.ts';

const side = 160;
let folder: string;
const said: string[] = [];

function request(change: Partial<TrainLesionsRequest> = {}): TrainLesionsRequest {
  return {
    source: join(folder, 'images'),
    masks: join(folder, 'masks'),
    out: join(folder, 'out'),
    steps: 2,
    seed: 1,
    threads: 1,
    learningRate: 1e-3,
    init: 'bundled',
    ...change,
  };
}

const train = (change: Partial<TrainLesionsRequest> = {}) =>
  trainLesions(request(change), { say: (line) => said.push(line), onProgress: () => undefined });

const writeMask = async (name: string, mask: BinaryMask) =>
  writeAtomically(join(folder, 'masks', name), await zoneToPng({ mask }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'train-lesions-'));
  await mkdir(join(folder, 'images'));
  for (const name of ['a', 'b', 'c']) {
    const { raster, lesions, disc } = synthesizeFundus({ grade: 3, seed: name.charCodeAt(0), size: side });
    await sharp(raster.data, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toFile(join(folder, 'images', `${name}.png`));
    if (name === 'b') continue;
    await writeMask(
      `${name}_HE.png`,
      name === 'c' ? { width: 9, height: 9, data: new Uint8Array(81) } : lesions.HE,
    );
    await writeMask(`${name}_OD.png`, disc);
    await writeMask(`${name}_SE.png`, { width: side, height: side, data: new Uint8Array(side * side) });
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

it('trains on the images with masks, and names those with masks of another size or none', async () => {
  const result = await train();
  expect(result.images).toBe(1);
  expect(result.failures.map(({ path, code }) => `${path} ${code}`)).toEqual([
    'b.png annotation-mismatch',
    'c.png annotation-mismatch',
  ]);
  expect(result.notes.join()).toContain('no mask shows SE');
  const card = JSON.parse(await readFile(result.card, 'utf8')) as Record<string, unknown>;
  expect(card['notLearnt']).toEqual(['MA', 'EX', 'SE']);
  expect((await readLesionCard(result.network)).thresholds.zone.HE).toBeLessThanOrEqual(0.05);
}, 120_000);

it('says what is missing when no image can be used, and writes no network', async () => {
  await mkdir(join(folder, 'empty'));
  await expect(train({ masks: join(folder, 'empty'), out: join(folder, 'out2') })).rejects.toMatchObject({
    code: 'annotation-unreadable',
  });
  await expect(train({ source: join(folder, 'empty'), out: join(folder, 'out3') })).rejects.toMatchObject({
    code: 'annotation-mismatch',
  });
});

it('refuses starting weights that are not a lesion network', async () => {
  const init = join(folder, 'images', 'a.png');
  await expect(train({ init, out: join(folder, 'out4') })).rejects.toMatchObject({
    code: 'model-unsupported',
  });
  await expect(
    train({ init: join(folder, 'none.weights'), out: join(folder, 'out5') }),
  ).rejects.toMatchObject({ code: 'model-unreadable' });
});
