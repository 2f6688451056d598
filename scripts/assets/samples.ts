import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BinaryMask } from '../../src/ml/imaging/plane.ts';
import { synthesizeFundus, type Grade, type SyntheticFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import { encodeLossless } from '../../src/ml/imaging/write-image.ts';

const SIZE = 512;
const PER_GRADE = 2;
/** Far from the seeds the demo graders are trained and tested on. */
const FIRST_SEED = 7_000_000;

/**
 * Writes assets/samples: images/*.png, two invented eyes a grade, labels.csv (file, grade) and annotations.json, a COCO
 * file with every lesion, the optic disc and the fovea as run-length masks. Returns the names of the files.
 */
export async function makeSamples(folder: string): Promise<readonly string[]> {
  await mkdir(join(folder, 'images'), { recursive: true });
  const names: string[] = [];
  const labels = ['file,grade'];
  const coco = emptyCoco();
  for (let index = 0; index < 5 * PER_GRADE; index++) {
    const grade = (index % 5) as Grade;
    const fundus = synthesizeFundus({ grade, seed: FIRST_SEED + index, size: SIZE });
    const name = `retina-${String(index + 1).padStart(2, '0')}.png`;
    await writeFile(join(folder, 'images', name), await encodeLossless(fundus.raster, 'png', null));
    labels.push(`${name},${grade}`);
    annotate(coco, name, index + 1, fundus);
    names.push(`images/${name}`);
  }
  await writeFile(join(folder, 'labels.csv'), `${labels.join('\n')}\n`);
  await writeFile(join(folder, 'annotations.json'), `${JSON.stringify(coco)}\n`);
  return [...names, 'labels.csv', 'annotations.json'];
}

interface Coco {
  info: { description: string };
  images: { id: number; file_name: string; width: number; height: number }[];
  annotations: CocoAnnotation[];
  categories: { id: number; name: string }[];
}

interface CocoAnnotation {
  id: number;
  image_id: number;
  category_id: number;
  bbox: [number, number, number, number];
  area: number;
  iscrowd: 1;
  segmentation: { size: [number, number]; counts: number[] };
}

const CLASSES = ['MA', 'HE', 'EX', 'SE', 'NV', 'PH', 'OD', 'fovea'] as const;

function emptyCoco(): Coco {
  return {
    info: { description: 'Invented retinas; masks of what the generator painted.' },
    images: [],
    annotations: [],
    categories: CLASSES.map((name, index) => ({ id: index + 1, name })),
  };
}

function annotate(coco: Coco, file: string, id: number, fundus: SyntheticFundus): void {
  coco.images.push({ id, file_name: file, width: SIZE, height: SIZE });
  const masks: Record<(typeof CLASSES)[number], BinaryMask> = {
    ...fundus.lesions,
    OD: fundus.disc,
    fovea: disc(fundus.fovea),
  };
  CLASSES.forEach((name, index) => {
    const runs = runLengths(masks[name]);
    if (runs === null) return;
    coco.annotations.push({ id: coco.annotations.length + 1, image_id: id, category_id: index + 1, iscrowd: 1, ...runs });
  });
}

function disc({ x, y, radius }: { x: number; y: number; radius: number }): BinaryMask {
  const data = Uint8Array.from({ length: SIZE * SIZE }, (_, i) =>
    Math.hypot((i % SIZE) - x, Math.floor(i / SIZE) - y) <= radius ? 1 : 0,
  );
  return { width: SIZE, height: SIZE, data };
}

/** COCO's uncompressed run lengths: columns one after the other, starting with a run of clear pixels. Null when empty. */
function runLengths(mask: BinaryMask): Pick<CocoAnnotation, 'bbox' | 'area' | 'segmentation'> | null {
  const { width, height, data } = mask;
  const counts: number[] = [];
  let current = 0;
  let run = 0;
  let [left, top, right, bottom, area] = [width, height, -1, -1, 0];
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const value = data[y * width + x];
      if (value === 1) {
        area += 1;
        [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      }
      if (value !== current) {
        counts.push(run);
        run = 0;
        current = value;
      }
      run += 1;
    }
  }
  counts.push(run);
  if (area === 0) return null;
  const bbox: [number, number, number, number] = [left, top, right - left + 1, bottom - top + 1];
  return { bbox, area, segmentation: { size: [height, width], counts } };
}
