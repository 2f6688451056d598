import type { FloatImage } from './plane.ts';
import type { Raster8 } from './raster.ts';

/** An RGB float image in [0, 1] as 8-bit samples: times 255, rounded, clamped. */
export function toSamples8(image: FloatImage): Raster8 {
  if (image.channels !== 3) throw new RangeError(`expected 3 channels, got ${image.channels}`);
  // Uint8ClampedArray rounds half to even and clamps; 255 * v is what makes values of 8-bit origin come back exactly.
  const data = new Uint8ClampedArray(image.data.length);
  for (let i = 0; i < data.length; i++) data[i] = image.data[i] * 255;
  return {
    width: image.width,
    height: image.height,
    channels: 3,
    bitDepth: 8,
    data: new Uint8Array(data.buffer),
  };
}
