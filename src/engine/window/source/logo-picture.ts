import sharp from 'sharp';
import type { Picture } from '../../../shared/contract/handles.ts';
import { loadLogo } from '../../../ml/watermark/logo.ts';
import type { PictureStore } from '../picture-store.ts';

const longestSide = 512;

/** A logo's ink with its matte as transparency, as it will be drawn. */
export async function logoPicture(
  store: PictureStore,
  file: string,
): Promise<{ picture: Picture; name: string; opacityRule: string; inkedShare: number }> {
  const logo = await loadLogo(file);
  const { width, height, matte, ink } = logo;
  const picture = await store.make(
    `logo ${logo.sha256}`,
    async () => {
      const data = new Uint8Array(width * height * 4);
      for (let p = 0; p < matte.length; p++) {
        data.set(ink.subarray(3 * p, 3 * p + 3), 4 * p);
        data[4 * p + 3] = matte[p];
      }
      const reduced = await sharp(data, { raw: { width, height, channels: 4 } })
        .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const { info } = reduced;
      return { width: info.width, height: info.height, channels: 4, bitDepth: 8, data: reduced.data };
    },
    { lossless: true },
  );
  const inked = matte.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);
  return { picture, name: logo.name, opacityRule: logo.opacityRule, inkedShare: inked / matte.length };
}
