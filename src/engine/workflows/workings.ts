import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import type { PlacedStamp } from '../../ml/watermark/stamp.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { foundInImageSchema, type FoundInImage } from './found-in-image.ts';

/** What the review needs of an image's making and its certificate does not hold. Private: the ink gives the marks away. */
export interface Workings {
  readonly stamps: readonly PlacedStamp[];
  readonly found: FoundInImage;
}

const headerSchema = z.strictObject({
  format: z.literal('medlocker-workings/1'),
  stamps: z.array(
    z.strictObject({
      x: z.int().min(0),
      y: z.int().min(0),
      width: z.int().min(1),
      height: z.int().min(1),
    }),
  ),
  found: foundInImageSchema,
});

/** One line of JSON, then opacity and ink of each stamp, gzipped. */
export async function writeWorkings(
  path: string,
  { stamps, found }: Workings,
  writer: string,
): Promise<void> {
  const header: z.infer<typeof headerSchema> = {
    format: 'medlocker-workings/1',
    stamps: stamps.map(({ x, y, stamp: { width, height } }) => ({ x, y, width, height })),
    found,
  };
  const parts = stamps.flatMap(({ stamp: { opacity, ink } }) => [opacity, ink]);
  const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...parts]);
  await writeAtomically(path, await promisify(gzip)(bytes, { level: 1 }), writer, 0o600);
}

/** Null when there are none or they are damaged: the image can then be looked at, but not changed. */
export async function readWorkings(path: string): Promise<Workings | null> {
  try {
    const bytes = await promisify(gunzip)(await readFile(path));
    const end = bytes.indexOf(0x0a);
    const { stamps, found } = headerSchema.parse(JSON.parse(bytes.toString('utf8', 0, end)));
    let at = end + 1;
    const take = (length: number): Uint8Array => {
      if (at + length > bytes.length) throw new RangeError('the workings are cut off');
      const part = Uint8Array.from(bytes.subarray(at, at + length));
      at += length;
      return part;
    };
    return {
      stamps: stamps.map(({ x, y, width, height }) => {
        const opacity = take(width * height);
        return { x, y, stamp: { width, height, opacity, ink: take(width * height * 3) } };
      }),
      found,
    };
  } catch {
    return null;
  }
}
