import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pretrainingBatches } from './pretraining-batches.ts';
import { pretrainingRetina } from './pretraining-retina.ts';
import { openRetinaPack, paintRetinaPack } from './retina-pack.ts';
import { CELL_BITS } from './viewpoint.ts';

const SIDE = 96;
const share = (cells: Uint8Array, bit: number): number =>
  cells.reduce((sum, cell) => sum + ((cell & bit) === 0 ? 0 : 1), 0) / cells.length;

describe('pretrainingRetina', () => {
  it('is the same for the same seed and another for another', async () => {
    const [first, again, other] = await Promise.all([5, 5, 10].map((seed) => pretrainingRetina(seed, SIDE)));
    expect(again.pixels).toEqual(first.pixels);
    expect(again.cells).toEqual(first.cells);
    expect(other.pixels).not.toEqual(first.pixels);
  });

  it('shows vessels in every eye, lesions only where the grade has them', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { grade, cells, pixels } = await pretrainingRetina(seed, SIDE);
      expect(grade).toBe(seed % 5);
      expect(pixels).toHaveLength(SIDE * SIDE * 3);
      expect(share(cells, CELL_BITS.vessel)).toBeGreaterThan(0.03);
      const lesions = share(cells, CELL_BITS.red | CELL_BITS.bright | CELL_BITS.proliferative);
      if (grade === 0) expect(lesions).toBe(0);
      if (grade >= 3) expect(lesions).toBeGreaterThan(0);
    }
  });
});

describe('retina pack', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'retinas-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const request = { side: SIDE, count: 5, firstSeed: 40 };

  it('gives back what was painted, also after an interruption in the middle of a picture', async () => {
    const path = join(folder, 'pack.bin');
    await paintRetinaPack(path, request);
    await truncate(path, 100_000);
    await expect(openRetinaPack(path)).rejects.toThrow('not a finished pack');
    const painted: number[] = [];
    await paintRetinaPack(path, request, (done) => painted.push(done));
    expect(painted).toEqual([4, 5]);
    const pack = await openRetinaPack(path);
    const expected = await pretrainingRetina(43, SIDE);
    const found = await pack.retina(3);
    expect(Buffer.compare(found.pixels, expected.pixels)).toBe(0);
    expect(Buffer.compare(found.cells, expected.cells)).toBe(0);
    await pack.close();
  });

  it('refuses another file by name', async () => {
    const path = join(folder, 'other.bin');
    await writeFile(path, 'x');
    await expect(openRetinaPack(path)).rejects.toThrow('other.bin');
  });

  it('mirrors picture and maps together, and shows every picture once a pass', async () => {
    const path = join(folder, 'pack.bin');
    await paintRetinaPack(path, request);
    const pack = await openRetinaPack(path);
    const originals = await Promise.all([0, 1, 2, 3, 4].map((index) => pack.retina(index)));
    const grades: number[] = [];
    const mirrored = new Set<boolean>();
    for await (const { pixels, targets, grades: answer } of pretrainingBatches(pack, {
      batchSize: 1,
      seed: 1,
    })) {
      const { pixels: source, cells } = originals[answer[0]];
      const same = Math.round(pixels[3 * (SIDE * 40 + 30)] * 255) === source[3 * (SIDE * 40 + 30)];
      const flipped = !source.every((value, i) => Math.round(pixels[i] * 255) === value);
      mirrored.add(flipped);
      if (!flipped) expect(same).toBe(true);
      const across = SIDE / 4;
      cells.forEach((cell, at) => {
        const [y, x] = [Math.floor(at / across), at % across];
        const place = (y * across + (flipped ? across - 1 - x : x)) * 6 + 3;
        expect(targets[place]).toBe((cell & CELL_BITS.vessel) === 0 ? 0 : 1);
      });
      grades.push(...answer);
      if (grades.length === 20) break;
    }
    for (let pass = 0; pass < 4; pass++) {
      expect(grades.slice(pass * 5, pass * 5 + 5).sort()).toEqual([0, 1, 2, 3, 4]);
    }
    expect(mirrored.size).toBe(2);
    await pack.close();
  });
});
