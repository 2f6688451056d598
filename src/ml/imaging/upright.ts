import type { BinaryMask } from './plane.ts';
import type { Raster } from './raster.ts';

/** Where a pixel of the upright picture lies in the stored one: (x, y) -> (column, row); EXIF 2.32, tag 274. */
type Source = (x: number, y: number, right: number, bottom: number) => readonly [number, number];

/** By orientation; `right` and `bottom` are the last column and row of the stored picture. */
const sources: Readonly<Record<number, Source>> = {
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, _, bottom) => [y, bottom - x],
  7: (x, y, right, bottom) => [right - y, bottom - x],
  8: (x, y, right) => [right - y, x],
};

/** A raster as a viewer shows it, turned by its EXIF orientation (1..8). */
export function uprightRaster(raster: Raster, orientation: number): Raster {
  if (raster.bitDepth === 8) {
    const turned = turn(raster, raster.channels, orientation, (length) => new Uint8Array(length));
    return { ...raster, ...turned };
  }
  return { ...raster, ...turn(raster, raster.channels, orientation, (length) => new Uint16Array(length)) };
}

/** A mask turned like its image. */
export function uprightMask(mask: BinaryMask, orientation: number): BinaryMask {
  return turn(mask, 1, orientation, (length) => new Uint8Array(length));
}

function turn<T extends Uint8Array | Uint16Array>(
  image: { readonly width: number; readonly height: number; readonly data: T },
  channels: number,
  orientation: number,
  make: (length: number) => T,
): { width: number; height: number; data: T } {
  const { width, height, data } = image;
  if (!Object.hasOwn(sources, orientation)) return { width, height, data };
  const source = sources[orientation];
  const swapped = orientation >= 5;
  const [wide, high] = swapped ? [height, width] : [width, height];
  const out = make(data.length);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const [column, row] = source(x, y, width - 1, height - 1);
      const from = (row * width + column) * channels;
      const to = (y * wide + x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c];
    }
  }
  return { width: wide, height: high, data: out };
}
