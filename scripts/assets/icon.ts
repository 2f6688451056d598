import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { logoDrawing } from './logos.ts';

const SIDE = 512;

/** Writes assets/icons: the mark on a rounded dark square, from which electron-builder makes every size. */
export async function makeIcon(folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const ground = Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}"><rect x="16" y="16" width="480" height="480" rx="96" fill="#0b5f85"/></svg>`,
  );
  const mark = await sharp(Buffer.from(logoDrawing())).resize(400, 400).png().toBuffer();
  const icon = await sharp(ground)
    .composite([{ input: mark, gravity: 'centre' }])
    .png({ compressionLevel: 9 })
    .toBuffer();
  await writeFile(join(folder, 'icon.png'), icon);
  return ['icon.png'];
}
