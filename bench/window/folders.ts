import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { synthesizeFundus } from '../../src/ml/imaging/synthetic-fundus.ts';
import type { Application } from '../../test/window/application.ts';
import { asker } from '../../test/window/ask-page.ts';
import { answerDialogs } from '../../test/window/dialogs.ts';

/** Handle of a folder, chosen as a person chooses it. */
export async function openFolder(app: Application, path: string): Promise<string> {
  await answerDialogs(app, path);
  const handle = await asker(app.page)('paths.pickFolder', { purpose: 'source' });
  if (handle === null) throw new Error('no folder was chosen');
  return handle.id;
}

/** A new folder with copies of one photograph of 400 x 400 pixels. */
export async function makeMany(folder: string, files: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { width, height, data } = synthesizeFundus({ grade: 2, seed: 2, size: 400 }).raster;
  const name = (i: number) => join(folder, `${String(i).padStart(5, '0')}.jpg`);
  await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toFile(name(0));
  for (let i = 1; i < files; i++) await copyFile(name(0), name(i));
}
