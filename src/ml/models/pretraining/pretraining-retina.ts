import sharp from 'sharp';
import { synthesizeFundus, type Appearance, type Grade } from '../../imaging/synthetic-fundus.ts';
import { createRandom, deriveSeed, type Random } from '../../random.ts';
import { varyCamera } from './camera-variation.ts';
import { frameView } from './viewpoint.ts';

/** One picture to pretrain on, with everything it is asked for. */
export interface PretrainingRetina {
  readonly grade: Grade;
  /** RGB, side * side * 3. */
  readonly pixels: Uint8Array;
  /** Bits of `CELL_BITS`, (side / 4)^2. */
  readonly cells: Uint8Array;
}

/** Pictures are painted this many times larger than they are given out. */
const OVERSAMPLING = 1.6;

/**
 * Paints the eye of a seed (grades 0..4 in turn) with faint or plain lesions and puts it through a drawn camera; deterministic for one
 * version of sharp. `side` is a multiple of 4, 64..1024.
 */
export async function pretrainingRetina(seed: number, side: number): Promise<PretrainingRetina> {
  const random = createRandom(deriveSeed(seed, 'pretraining'));
  const grade = (seed % 5) as Grade;
  const size = Math.max(64, Math.round(side * OVERSAMPLING));
  const eye = synthesizeFundus({ grade, seed, size, appearance: drawAppearance(random) });
  const view = frameView(eye, side, random);
  varyCamera(view, random);
  const raw = new Uint8Array(view.colours.length);
  for (let i = 0; i < raw.length; i++) raw[i] = Math.round(view.colours[i] * 255);
  return { grade, pixels: await compressed(raw, side, random), cells: view.cells };
}

/** Mostly fainter than the demos' eyes: on screening photographs of this size many lesions can only just be seen. */
function drawAppearance(random: Random): Appearance {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  return {
    lesionAmount: between(0.15, 1),
    lesionSize: between(0.7, 1.3),
    lesionStrength: between(0.35, 1),
    vesselStrength: between(0.4, 1),
    twigs: between(0.15, 1),
  };
}

async function compressed(raw: Uint8Array, side: number, random: Random): Promise<Uint8Array> {
  const quality = 45 + random.integer(50);
  if (random.next() < 0.3) return raw;
  const jpeg = await sharp(raw, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return new Uint8Array(await sharp(jpeg).raw().toBuffer());
}
