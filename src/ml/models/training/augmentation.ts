import type { Random } from '../../random.ts';

/** How far training images may be varied; every amount is drawn evenly between its bounds. */
export interface AugmentationSettings {
  /** Mirror left-right with probability 1/2. */
  readonly flip: boolean;
  /** Largest rotation in degrees, either way. */
  readonly rotation: number;
  /** Largest relative change of scale, e.g. 0.1 for 0.9..1.1. */
  readonly zoom: number;
  /** Largest share of the side that is cut off; what is kept lies anywhere and fills the picture. None by default. */
  readonly crop?: number;
  /** Largest shift of brightness and of contrast, as a fraction of the sample range. */
  readonly brightness: number;
  readonly contrast: number;
  /** Largest relative change of each colour channel's gain. */
  readonly colour: number;
  /** Lowest quality of a JPEG that half of the images go through before anything else; 0, the default, for none. */
  readonly jpeg?: number;
}

export const NO_AUGMENTATION: AugmentationSettings = {
  flip: false,
  rotation: 0,
  zoom: 0,
  brightness: 0,
  contrast: 0,
  colour: 0,
};

/**
 * Writes a varied copy of an RGB image into `target` at `offset`, as floats in [0, 1]: geometry by one bilinear
 * resampling about the centre (pixels beyond the border are black), then contrast, colour gain and brightness.
 * Consumes the same number of random draws whatever the settings are. `jpeg` is the business of prepare-batch.ts.
 */
export function augment(
  pixels: Uint8Array,
  side: number,
  settings: AugmentationSettings,
  random: Random,
  target: Float32Array,
  offset: number,
): void {
  const spread = (amount: number): number => (2 * random.next() - 1) * amount;
  const mirror = random.next() < 0.5 && settings.flip ? -1 : 1;
  const angle = (spread(settings.rotation) * Math.PI) / 180;
  const zoom = 1 / (1 + spread(settings.zoom));
  const contrast = 1 + spread(settings.contrast);
  const brightness = spread(settings.brightness);
  const gains = [contrast, contrast, contrast].map((gain) => (gain * (1 + spread(settings.colour))) / 255);
  const shift = brightness + 0.5 * (1 - contrast);
  const cut = random.next() * (settings.crop ?? 0);
  const scale = zoom * (1 - cut);
  const [right, down] = [spread(cut / 2) * side, spread(cut / 2) * side];

  if (mirror === 1 && angle === 0 && scale === 1) {
    recolour((index) => pixels[index] ?? 0);
    return;
  }
  recolour(resampled());

  function recolour(sample: (index: number) => number): void {
    for (let index = 0; index < side * side * 3; index++) {
      const value = sample(index) * (gains[index % 3] ?? 0) + shift;
      target[offset + index] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }

  function resampled(): (index: number) => number {
    const turned = new Float32Array(side * side * 3);
    const centre = (side - 1) / 2;
    const column = centre + right;
    const row = centre + down;
    const cos = Math.cos(angle) * scale;
    const sin = Math.sin(angle) * scale;
    let out = 0;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++, out += 3) {
        const dx = (x - centre) * mirror;
        const dy = y - centre;
        bilinear(pixels, side, column + cos * dx - sin * dy, row + sin * dx + cos * dy, turned, out);
      }
    }
    return (index) => turned[index] ?? 0;
  }
}

function bilinear(
  pixels: Uint8Array,
  side: number,
  x: number,
  y: number,
  target: Float32Array,
  offset: number,
): void {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = x - left;
  const bottom = y - top;
  for (let corner = 0; corner < 4; corner++) {
    const column = left + (corner & 1);
    const row = top + (corner >> 1);
    if (column < 0 || row < 0 || column >= side || row >= side) continue;
    const weight = (corner & 1 ? right : 1 - right) * (corner >> 1 ? bottom : 1 - bottom);
    const from = (row * side + column) * 3;
    for (let channel = 0; channel < 3; channel++) {
      target[offset + channel] = (target[offset + channel] ?? 0) + weight * (pixels[from + channel] ?? 0);
    }
  }
}
