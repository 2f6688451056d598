import type { Random } from '../../../random.ts';
import { networkClasses, type NetworkClass } from '../lesion-classes.ts';
import { viewChannels } from '../network-view.ts';
import type { LesionSample } from './lesion-sample.ts';

/** A batch of square patches, ready for the network and its loss. */
export interface PatchBatch {
  readonly count: number;
  readonly side: number;
  /** [count, side, side, 6] */
  readonly views: Float32Array;
  /** [count, side, side, 5], coverage 0..1 */
  readonly targets: Float32Array;
  /** [count, side, side, 5], 1 where the class counts */
  readonly weights: Float32Array;
  /** The photograph of each patch. */
  readonly names: readonly string[];
}

export interface PatchSources {
  /** Photographs; may be empty when there are synthetic ones. */
  readonly real: readonly LesionSample[];
  readonly invented: readonly LesionSample[];
  /** Share of patches that come from synthetic retinas. */
  readonly inventedShare: number;
}

const classes = networkClasses.length;

/** How often a patch is centred near a pixel of each class; the rest lies anywhere in the field. */
const visits: readonly (readonly [NetworkClass, number])[] = [
  ['MA', 0.22],
  ['HE', 0.2],
  ['EX', 0.16],
  ['SE', 0.14],
  ['OD', 0.08],
];

/**
 * Cuts patches around lesions of every class about equally often, whatever their share of pixels is, each turned, mirrored, scaled
 * (0.8..1.25) and varied in contrast and tint. Lesions of a class are looked for in the samples that show it.
 */
export function cutPatches(
  sources: PatchSources,
  { count, side, random }: { count: number; side: number; random: Random },
): PatchBatch {
  const pixels = count * side * side;
  const batch = {
    count,
    side,
    views: new Float32Array(pixels * viewChannels),
    targets: new Float32Array(pixels * classes),
    weights: new Float32Array(pixels * classes),
  };
  const names = Array.from({ length: count }, (_, i) => cutPatch(poolOf(sources, random), batch, i, random));
  return { ...batch, names };
}

/** Every batch holds both kinds, so that batch statistics do not jump between them. */
function poolOf({ real, invented, inventedShare }: PatchSources, random: Random): readonly LesionSample[] {
  if (invented.length === 0) return real;
  return real.length === 0 || random.next() < inventedShare ? invented : real;
}

/** Returns the name of the photograph. */
function cutPatch(
  samples: readonly LesionSample[],
  batch: Omit<PatchBatch, 'names'>,
  index: number,
  random: Random,
): string {
  const { sample, x, y } = drawCentre(samples, batch.side, random);
  const { side } = batch;
  const turn = random.next() * 2 * Math.PI;
  const scale = 0.8 * (1.25 / 0.8) ** random.next();
  const mirror = random.next() < 0.5 ? -1 : 1;
  const [ax, ay] = [(Math.cos(turn) / scale) * mirror, (Math.sin(turn) / scale) * mirror];
  const [bx, by] = [-Math.sin(turn) / scale, Math.cos(turn) / scale];
  const colour = drawColour(random);
  const { width, height, data } = sample.view;
  const known = networkClasses.map((name) => (sample.known[name] ? 1 : 0));
  const middle = (side - 1) / 2;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const u = x + ax * (column - middle) + bx * (row - middle);
      const v = y + ay * (column - middle) + by * (row - middle);
      const left = Math.floor(u);
      const top = Math.floor(v);
      if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) continue;
      const fx = u - left;
      const fy = v - top;
      const p = top * width + left;
      const nearest = (top + (fy >= 0.5 ? 1 : 0)) * width + left + (fx >= 0.5 ? 1 : 0);
      const inField = sample.view.field[nearest];
      if (inField === 0) continue;
      const [w00, w10, w01, w11] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      const out = (index * side + row) * side + column;
      for (let c = 0; c < viewChannels; c++) {
        const value =
          w00 * data[p * viewChannels + c] +
          w10 * data[(p + 1) * viewChannels + c] +
          w01 * data[(p + width) * viewChannels + c] +
          w11 * data[(p + width + 1) * viewChannels + c];
        batch.views[out * viewChannels + c] = value * colour.gain[c] + colour.offset[c];
      }
      const { targets } = sample;
      for (let c = 0; c < classes; c++) {
        const value =
          w00 * targets[p * classes + c] +
          w10 * targets[(p + 1) * classes + c] +
          w01 * targets[(p + width) * classes + c] +
          w11 * targets[(p + width + 1) * classes + c];
        batch.targets[out * classes + c] = value / 255;
        batch.weights[out * classes + c] = sample.counts[nearest] * known[c];
      }
    }
  }
  return sample.name;
}

function drawCentre(
  samples: readonly LesionSample[],
  side: number,
  random: Random,
): { sample: LesionSample; x: number; y: number } {
  let draw = random.next();
  for (const [name, share] of visits) {
    draw -= share;
    if (draw >= 0) continue;
    const showing = samples.filter((sample) => sample.known[name] && sample.places[name].length > 0);
    if (showing.length === 0) break;
    const sample = showing[random.integer(showing.length)];
    const place = sample.places[name][random.integer(sample.places[name].length)];
    const jitter = (): number => (random.next() - 0.5) * side * 0.7;
    return {
      sample,
      x: (place % sample.view.width) + jitter(),
      y: Math.floor(place / sample.view.width) + jitter(),
    };
  }
  const sample = samples[random.integer(samples.length)];
  return { sample, x: random.next() * sample.view.width, y: random.next() * sample.view.height };
}

/** Contrast and tint of another camera: one gain and a small one a channel, offsets on the colours only. */
function drawColour(random: Random): { gain: readonly number[]; offset: readonly number[] } {
  const overall = Math.exp(0.2 * random.normal());
  const tint = [0, 1, 2].map(() => Math.exp(0.1 * random.normal()));
  const offset = [0, 1, 2].map(() => 0.25 * random.normal());
  return {
    gain: [...tint, ...tint].map((gain) => gain * overall),
    offset: [...offset, 0, 0, 0],
  };
}
