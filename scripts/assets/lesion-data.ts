import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findFieldOfView } from '../../src/ml/imaging/field-of-view.ts';
import type { BinaryMask } from '../../src/ml/imaging/plane.ts';
import { readImage } from '../../src/ml/imaging/read-image.ts';
import { synthesizeFundus, type Grade } from '../../src/ml/imaging/synthetic-fundus.ts';
import { readMaskPng } from '../../src/ml/lesions/annotations/mask-png.ts';
import { networkClasses, type NetworkClass } from '../../src/ml/lesions/network/lesion-classes.ts';
import type { MarkedPhotograph } from '../../src/ml/lesions/network/training/lesion-sample.ts';
import { deriveSeed } from '../../src/ml/random.ts';

type Masks = Partial<Record<NetworkClass, BinaryMask>>;

/** Half the width of the band around the burned-in contour that teaches nothing, as a fraction of the image's width. */
const contourBand = 0.008;

/**
 * IDRiD's marked photographs under `folder` (`idrid_seg` and `idrid_seg_overlay`), by name. The latter carry a contour burned in around
 * the disc by whoever published them: the disc is not learnt from them, and the contour's surroundings do not count.
 */
export async function idridPhotographs(folder: string): Promise<MarkedPhotograph[]> {
  const found: MarkedPhotograph[] = [];
  for (const part of ['idrid_seg', 'idrid_seg_overlay']) {
    const images = (await readdir(join(folder, part))).filter((name) => name.endsWith('.jpg')).sort();
    for (const file of images) found.push(await photograph(join(folder, part), file, part.endsWith('overlay')));
  }
  return found;
}

async function photograph(folder: string, file: string, contour: boolean): Promise<MarkedPhotograph> {
  const name = file.slice(0, -'.jpg'.length);
  const { raster: image } = await readImage(join(folder, file));
  const masks: Masks = {};
  for (const each of networkClasses) {
    const path = join(folder, `${name}_${each}.png`);
    if (existsSync(path)) masks[each] = (await readMaskPng(path, { path: file, ...image })).mask;
  }
  const base = { name, image, fieldOfView: findFieldOfView(image), masks };
  if (!contour || masks.OD === undefined) return base;
  return { ...base, unknown: ['OD'], ignore: outlineBand(masks.OD, Math.round(contourBand * image.width)) };
}

/** Pixels within `reach` (in rows and columns) of the mask's edge. */
function outlineBand({ width, height, data }: BinaryMask, reach: number): BinaryMask {
  const band = new Uint8Array(width * height);
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0; x < width - 1; x++) {
      const p = y * width + x;
      if (data[p] === data[p + 1] && data[p] === data[p + width]) continue;
      for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
        band.fill(1, v * width + Math.max(0, x - reach), v * width + Math.min(width, x + reach + 1));
      }
    }
  }
  return { width, height, data: band };
}

/** Synthetic retinas of grades 2 to 4 with exact masks; pools of blood count as haemorrhage, new vessels do not count. */
export function* inventedPhotographs(count: number, seed: number, size: number): Generator<MarkedPhotograph> {
  for (let i = 0; i < count; i++) {
    const grade = [2, 3, 4][i % 3] as Grade;
    const eye = synthesizeFundus({ grade, seed: deriveSeed(seed, 'lesion-training', i), size });
    const { MA, EX, SE, HE, PH, NV } = eye.lesions;
    const blood = { ...HE, data: HE.data.map((value, p) => value | PH.data[p]) };
    yield {
      name: `synthetic ${i}`,
      image: eye.raster,
      fieldOfView: eye.fieldOfView,
      masks: { MA, EX, SE, HE: blood, OD: eye.disc },
      ignore: NV,
    };
  }
}
