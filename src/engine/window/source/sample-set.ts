import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../shared/failure.ts';

const shipped = fileURLToPath(new URL('../../../../assets/samples', import.meta.url));

/** Paths of the sample set in the person's own folder: beside it, its protected copy has room. */
export interface SampleSet {
  readonly images: string;
  readonly annotations: string;
  readonly labels: string;
}

/**
 * Copies the sample retinas (invented, no patient is behind them) out of the program, once.
 * @throws Failure runtime-missing when they did not come with the program
 */
export async function sampleSet(data: string): Promise<SampleSet> {
  const folder = join(data, 'sample-set');
  const set = {
    images: join(folder, 'images'),
    annotations: join(folder, 'annotations.json'),
    labels: join(folder, 'labels.csv'),
  };
  if ((await readdir(set.images).catch(() => [])).length > 0) return set;
  if ((await readdir(shipped).catch(() => [])).length === 0) {
    throw new Failure('runtime-missing', 'the sample images did not come with the program', {
      subject: shipped,
      hint: 'Make them with: npm run make:assets',
    });
  }
  const copy = join(data, `sample-set-${process.pid}`);
  await rm(copy, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  await cp(shipped, copy, { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await rename(copy, folder);
  return set;
}
