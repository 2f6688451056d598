import sharp from 'sharp';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster, Raster8 } from '../../ml/imaging/raster.ts';
import { toRgb8 } from '../../ml/imaging/to-rgb.ts';
import { uprightMask, uprightRaster } from '../../ml/imaging/upright.ts';

/** A decoded image as the window shows it: upright, 8-bit RGB. */
export function shownRaster(raster: Raster, orientation: number): Raster8 {
  const { width, height, data } = toRgb8(uprightRaster(raster, orientation));
  return { width, height, channels: 3, bitDepth: 8, data };
}

/** A mask as an upright picture, white where it is set and transparent elsewhere: the window gives it its colour. */
export function shownMask(mask: BinaryMask, orientation: number): Raster8 {
  const { width, height, data } = uprightMask(mask, orientation);
  const pixels = new Uint8Array(width * height * 4).fill(255);
  for (let p = 0; p < data.length; p++) pixels[4 * p + 3] = data[p] === 0 ? 0 : 255;
  return { width, height, channels: 4, bitDepth: 8, data: pixels };
}

/** An RGB raster whose longest side is at most `longest` pixels. */
export async function reducedRaster(raster: Raster8, longest: number): Promise<Raster8> {
  const { width, height, channels, data } = raster;
  const scale = longest / Math.max(width, height);
  if (scale >= 1) return raster;
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const reduced = await sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
    .resize(size.width, size.height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  // A Buffer's `slice` is a view of the same bytes: who blends into a copy of it would change this raster.
  return { ...size, channels, bitDepth: 8, data: new Uint8Array(reduced) };
}

/** A mask at another size; a pixel is set where any pixel it stands for was. */
export function reducedMask(mask: BinaryMask, size: { width: number; height: number }): BinaryMask {
  const data = new Uint8Array(size.width * size.height);
  for (let y = 0; y < mask.height; y++) {
    const row = Math.min(size.height - 1, Math.floor((y * size.height) / mask.height)) * size.width;
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[y * mask.width + x] === 0) continue;
      data[row + Math.min(size.width - 1, Math.floor((x * size.width) / mask.width))] = 1;
    }
  }
  return { ...size, data };
}
