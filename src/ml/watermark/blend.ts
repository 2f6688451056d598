import { colourChannels, type Raster, withSamples } from '../imaging/raster.ts';
import type { PlacedStamp, Stamp } from './stamp.ts';

/** Identifier of the blend rule in certificates. */
export const BLEND_RULE = 'integer-alpha/1';

/**
 * Blends stamps into a host with integers only, so that every platform gets the same samples:
 *
 *     w = floor(((255 - A) x + A L + 127) / 255)
 *
 * x host sample, L ink sample (for 16-bit hosts times 257, for grey hosts the ink's luma), A opacity in 0..255.
 * Samples with A = 0 and alpha channels are copied unchanged. A stamp must lie wholly inside the host.
 * Follows spec "transparency blend on an integer lattice" of the adversarial-watermark literature (docs/methods.md).
 */
export function blend(host: Raster, stamps: readonly PlacedStamp[]): Raster {
  const data = host.data.slice();
  const colours = colourChannels(host);
  const depthFactor = host.bitDepth === 16 ? 257 : 1;
  for (const { x, y, stamp } of stamps) {
    requireInside(host, x, y, stamp);
    for (let row = 0; row < stamp.height; row++) {
      for (let column = 0; column < stamp.width; column++) {
        const p = row * stamp.width + column;
        const opacity = stamp.opacity[p];
        if (opacity === 0) continue;
        const target = ((y + row) * host.width + x + column) * host.channels;
        for (let c = 0; c < colours; c++) {
          const ink = (colours === 1 ? inkLuma(stamp, p) : stamp.ink[p * 3 + c]) * depthFactor;
          data[target + c] = Math.floor(((255 - opacity) * data[target + c] + opacity * ink + 127) / 255);
        }
      }
    }
  }
  return withSamples(host, data);
}

/** ITU-R BT.601 luma of an ink pixel with integer weights, 0..255. */
export function inkLuma(stamp: Stamp, pixel: number): number {
  const { ink } = stamp;
  return ((299 * ink[pixel * 3] + 587 * ink[pixel * 3 + 1] + 114 * ink[pixel * 3 + 2] + 500) / 1000) | 0;
}

function requireInside(host: Raster, x: number, y: number, stamp: Stamp): void {
  const inside = x >= 0 && y >= 0 && x + stamp.width <= host.width && y + stamp.height <= host.height;
  if (!inside || !Number.isInteger(x) || !Number.isInteger(y)) {
    throw new RangeError(
      `a ${stamp.width}x${stamp.height} stamp at ${x},${y} leaves the ${host.width}x${host.height} image`,
    );
  }
}
