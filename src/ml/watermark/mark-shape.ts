import type { FloatImage } from '../imaging/plane.ts';
import { planResample, resample } from '../imaging/resample.ts';
import { type Silhouette, silhouetteOf } from '../lesions/silhouette.ts';
import type { Logo } from './logo.ts';
import type { Stamp } from './stamp.ts';

/** A logo scaled and turned to the pixels of a mark; how much of it is blended is still open. */
export interface MarkShape {
  readonly width: number;
  readonly height: number;
  readonly matte: Uint8Array;
  readonly ink: Uint8Array;
  readonly opacityRule: Logo['opacityRule'];
  readonly rotation: number;
  /** Pixels that can take ink at any opacity. */
  readonly silhouette: Silhouette;
}

/** Mattes below this level would print as less than one grey level of ink in most places; they are dropped. */
const FAINT = 8;

/**
 * Scales a logo to `longestSide` pixels and turns it clockwise by `rotation` degrees. Colours are weighted by the matte
 * on the way, so that the colour of invisible pixels does not bleed in.
 */
export function scaleLogo(logo: Logo, longestSide: number, rotation: number): MarkShape {
  const factor = longestSide / Math.max(logo.width, logo.height);
  const width = Math.max(1, Math.round(logo.width * factor));
  const height = Math.max(1, Math.round(logo.height * factor));
  const plan = planResample(logo.width, logo.height, width, height, 'bilinear');
  const scaled = resample(plan, logo.weighted);
  return shapeOf(rotation % 360 === 0 ? scaled : turn(scaled, rotation), logo.opacityRule, rotation);
}

/** The stamp of a shape at opacity cap `a` (0..255), its ink shifted by `texture` (same size, 3 samples a pixel, -1..1). */
export function renderStamp(shape: MarkShape, a: number, texture?: Float32Array): Stamp {
  const opacity = new Uint8Array(shape.matte.length);
  for (let p = 0; p < opacity.length; p++) opacity[p] = opacityAt(shape, p, a);
  if (texture === undefined) return { width: shape.width, height: shape.height, opacity, ink: shape.ink };
  const ink = new Uint8Array(shape.ink.length);
  for (let i = 0; i < ink.length; i++) {
    ink[i] = Math.min(255, Math.max(0, Math.round(shape.ink[i] + 255 * texture[i])));
  }
  return { width: shape.width, height: shape.height, opacity, ink };
}

/** Opacity A(p) of a pixel, 0..255: the matte scaled by the cap, or cut at the cap (Adv-watermark's rule). */
export function opacityAt(shape: Pick<MarkShape, 'matte' | 'opacityRule'>, pixel: number, a: number): number {
  const matte = shape.matte[pixel];
  return shape.opacityRule === 'scaled' ? Math.round((a * matte) / 255) : Math.min(matte, a);
}

function shapeOf(image: FloatImage, opacityRule: MarkShape['opacityRule'], rotation: number): MarkShape {
  const pixels = image.width * image.height;
  const matte = new Uint8Array(pixels);
  const ink = new Uint8Array(pixels * 3);
  for (let p = 0; p < pixels; p++) {
    const level = image.data[p * 4 + 3];
    if (level < FAINT) continue;
    matte[p] = Math.min(255, Math.round(level));
    for (let c = 0; c < 3; c++) {
      ink[p * 3 + c] = Math.min(255, Math.max(0, Math.round((image.data[p * 4 + c] * 255) / level)));
    }
  }
  const { width, height } = image;
  return {
    width,
    height,
    matte,
    ink,
    opacityRule,
    rotation,
    silhouette: silhouetteOf({ width, height, data: matte }),
  };
}

/** Clockwise rotation about the centre with bilinear sampling, the canvas grown to hold the corners. */
function turn(image: FloatImage, degrees: number): FloatImage {
  const angle = (degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const width = Math.ceil(Math.abs(image.width * cos) + Math.abs(image.height * sin) - 1e-6);
  const height = Math.ceil(Math.abs(image.width * sin) + Math.abs(image.height * cos) - 1e-6);
  const { channels } = image;
  const data = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x + 0.5 - width / 2;
      const dy = y + 0.5 - height / 2;
      const sourceX = cos * dx + sin * dy + image.width / 2 - 0.5;
      const sourceY = -sin * dx + cos * dy + image.height / 2 - 0.5;
      for (let c = 0; c < channels; c++) {
        data[(y * width + x) * channels + c] = sampleBilinear(image, sourceX, sourceY, c);
      }
    }
  }
  return { width, height, channels, data };
}

/** Bilinear sample with zero outside. */
function sampleBilinear(image: FloatImage, x: number, y: number, channel: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  let sum = 0;
  for (let dy = 0; dy <= 1; dy++) {
    for (let dx = 0; dx <= 1; dx++) {
      const column = x0 + dx;
      const row = y0 + dy;
      if (column < 0 || row < 0 || column >= image.width || row >= image.height) continue;
      const weight = (dx === 0 ? 1 - (x - x0) : x - x0) * (dy === 0 ? 1 - (y - y0) : y - y0);
      sum += weight * image.data[(row * image.width + column) * image.channels + channel];
    }
  }
  return sum;
}
