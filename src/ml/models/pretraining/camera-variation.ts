import { createNoise, fractal, type Noise } from '../../imaging/synthetic/noise.ts';
import type { Random } from '../../random.ts';
import { standardiseChannels } from './channel-standardisation.ts';
import { drawArtefacts } from './artefacts.ts';
import { softenView } from './soften-view.ts';
import type { View } from './viewpoint.ts';

/** Share of the pictures that get the look of contrast-normalised collections. */
const STANDARDISED = 0.45;

/**
 * Changes a view's colours in place as cameras, eyes and collections differ: tint, tone, uneven light, veils, dust and reflections on
 * the optics, blur, noise, standardised contrast. Ranges follow the colour statistics of public screening photographs.
 */
export function varyCamera(view: View, random: Random): void {
  tint(view, random);
  light(view, random, createNoise(random), createNoise(random));
  drawArtefacts(view, random);
  softenView(view, random);
  if (random.next() < STANDARDISED) standardiseChannels(view, random);
  for (let i = 0; i < view.colours.length; i++) {
    view.colours[i] = Math.min(1, Math.max(0, view.colours[i]));
  }
}

/** Gives each channel a drawn mean and a tone curve; the order of brightness stays. */
function tint({ colours, field }: View, random: Random): void {
  const red = Math.min(0.88, Math.max(0.2, 0.55 + 0.17 * random.normal()));
  const common = random.normal();
  const green = red * Math.min(0.95, Math.max(0.42, 0.69 + 0.09 * common + 0.06 * random.normal()));
  const blue = red * Math.min(0.9, Math.max(0.12, 0.48 + 0.13 * common + 0.09 * random.normal()));
  const tone = 0.85 + 0.55 * random.next();
  const means = channelMeans(colours, field);
  const [meanRed, meanGreen, meanBlue] = means.map((mean) => Math.max(0.02, mean));
  const [redCurve, greenCurve, blueCurve] = [0, 1, 2].map(() => tone * (1 + 0.08 * random.normal()));
  for (let p = 0; p < field.length; p++) {
    if (field[p] === 0) continue;
    const at = p * 3;
    const greenRatio = colours[at + 1] / meanGreen;
    // The painted blue varies more than a sensor's does, whose channels overlap.
    const blueRatio = 0.3 * (colours[at + 2] / meanBlue) + 0.7 * greenRatio;
    const ownRed = colours[at] / meanRed;
    // What is bright is so in every channel: disc and exudates stay yellowish under any tint.
    const redRatio = Math.max(ownRed, 0.4 * ownRed + 0.6 * greenRatio);
    colours[at] = red * redRatio ** redCurve;
    colours[at + 1] = green * greenRatio ** greenCurve;
    colours[at + 2] = blue * blueRatio ** blueCurve;
  }
}

function channelMeans(colours: Float32Array, field: Float32Array): number[] {
  const sums = [0, 0, 0];
  let area = 1e-6;
  for (let p = 0; p < field.length; p++) {
    if (field[p] < 0.5) continue;
    area += 1;
    for (let c = 0; c < 3; c++) sums[c] = (sums[c] ?? 0) + colours[p * 3 + c];
  }
  return sums.map((sum) => sum / area);
}

/** Slow changes of brightness (a pupil that shades, a bent retina) and a veil that thickens to one side or the rim. */
function light(view: View, random: Random, shade: Noise, veil: Noise): void {
  const { side, colours, field } = view;
  const depth = random.next() < 0.6 ? 0.15 * random.next() : 0.15 + 0.5 * random.next();
  const scale = 0.7 + 1.1 * random.next();
  const thickness = random.next() < 0.45 ? 0.45 * random.next() : 0.05 * random.next();
  const rim = random.next() < 0.35 ? 0.1 + 0.5 * random.next() : 0;
  const brightness = 0.35 + 0.4 * random.next();
  const warm = random.next();
  const colour = [brightness * (0.65 + 0.3 * warm), brightness, brightness * (1.05 - 0.15 * warm)];
  for (let p = 0; p < field.length; p++) {
    if (field[p] === 0) continue;
    const u = (2 * (p % side)) / side - 1;
    const v = (2 * Math.floor(p / side)) / side - 1;
    const lit = 1 + depth * 1.6 * Math.min(0.4, fractal(shade, u * scale + 7, v * scale + 3, 2, 0.4));
    const towardsRim = Math.min(1, u * u + v * v) ** 3;
    const cloud = 0.5 + 0.5 * fractal(veil, u * 0.8 + 11, v * 0.8 + 5, 2, 0.5);
    const covered = Math.min(0.85, (thickness * (0.5 + cloud) + rim * towardsRim * cloud) * field[p]);
    for (let c = 0; c < 3; c++) {
      const at = p * 3 + c;
      colours[at] = colours[at] * lit * (1 - covered) + covered * (colour[c] ?? 0);
    }
  }
}
