import { stat } from 'node:fs/promises';
import sharp from 'sharp';
import type { Picture } from '../../../shared/contract/handles.ts';
import type { PictureStore } from '../picture-store.ts';

const longestSide = 256;

/**
 * A small upright picture of an image file. `content` names its pixels; without it size and time of the file do.
 * @throws whatever sharp says of a file it cannot decode
 */
export async function thumbnailOf(store: PictureStore, file: string, content?: string): Promise<Picture> {
  const key = content ?? (await versionOf(file));
  return store.make(`thumbnail ${key}`, async () => {
    const { data, info } = await sharp(file, { limitInputPixels: 200_000_000 })
      .autoOrient()
      .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#000' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const channels = info.channels === 1 ? 1 : 3;
    return { width: info.width, height: info.height, channels, bitDepth: 8, data };
  });
}

/** Changes when the file does. */
export async function versionOf(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  return `${file} ${size} ${mtimeMs} ${ino}`;
}
