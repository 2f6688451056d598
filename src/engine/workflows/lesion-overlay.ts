import sharp from 'sharp';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { toRgb8 } from '../../ml/imaging/to-rgb.ts';
import type { NetworkClass } from '../../ml/lesions/network/lesion-classes.ts';

/** Outline colours, far apart from one another, from the retina's reds and for colour-blind eyes from each other. */
const colours: Readonly<Record<NetworkClass, readonly [number, number, number]>> = {
  MA: [0, 255, 255],
  HE: [60, 120, 255],
  EX: [255, 255, 0],
  SE: [255, 255, 255],
  OD: [0, 255, 0],
};

/** The photograph with the outline of every mask drawn over it, as JPEG. */
export async function lesionOverlay(
  image: Raster,
  masks: readonly { readonly name: NetworkClass; readonly mask: BinaryMask }[],
): Promise<Buffer> {
  const { width, height, data } = toRgb8(image);
  // Lines stay visible when a large photograph is looked at as a whole.
  const thickness = Math.max(1, Math.round(Math.max(width, height) / 1000));
  for (const { name, mask } of masks) drawOutline(data, mask, colours[name], thickness);
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality: 88, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** Colours the set pixels that have a clear pixel within `thickness` to a side: the line lies inside the mask. */
function drawOutline(
  rgb: Uint8Array,
  { width, height, data }: BinaryMask,
  colour: readonly [number, number, number],
  thickness: number,
): void {
  const clear = (x: number, y: number): boolean =>
    x < 0 || y < 0 || x >= width || y >= height || data[y * width + x] === 0;
  for (let p = data.indexOf(1); p >= 0; p = data.indexOf(1, p + 1)) {
    const x = p % width;
    const y = (p - x) / width;
    const atEdge =
      clear(x - thickness, y) ||
      clear(x + thickness, y) ||
      clear(x, y - thickness) ||
      clear(x, y + thickness);
    if (atEdge) rgb.set(colour, p * 3);
  }
}
