import type { Random } from '../../random.ts';
import type { Canvas } from './canvas.ts';
import type { Eye, Rgb } from './eye.ts';
import type { LesionClass } from './lesions.ts';
import { createNoise, fractal } from './noise.ts';

/** Coverages of everything that lies in or on the retina. */
export interface Layers {
  readonly arteries: Canvas;
  readonly veins: Canvas;
  readonly disc: Canvas;
  readonly lesions: Readonly<Record<LesionClass, Canvas>>;
}

/** Absorbance of a full layer of blood for red, green and blue: blood lets red pass. */
const bloodInVein: Rgb = [0.36, 0.92, 0.72];
const bloodInArtery: Rgb = [0.13, 0.68, 0.62];
const bloodClot: Rgb = [0.62, 1.35, 1.1];
const bloodInNewVessel: Rgb = [0.2, 0.95, 0.85];
const bloodInPool: Rgb = [0.75, 1.9, 1.5];
const macularPigment: Rgb = [0.55, 1, 1.15];
const rimPigment: Rgb = [0.8, 1, 1];
const capillaries: Rgb = [0.05, 0.8, 0.9];
const waxyYellow: Rgb = [1, 0.86, 0.42];
const fluffyWhite: Rgb = [0.98, 0.92, 0.74];

/**
 * Reflectance of the retina, interleaved RGB, 0..1 (more where lesions glare): pigment with texture, macula, disc with cup, then
 * blood as absorption (Beer-Lambert) and exudates as paint, from the deepest layer to the most superficial one.
 */
export function paint(eye: Eye, layers: Layers, size: number, radius: number, random: Random): Float32Array {
  const out = new Float32Array(size * size * 3);
  const fine = createNoise(random);
  const coarse = createNoise(random);
  const centre = (size - 1) / 2;
  const { disc, fovea, side } = eye;
  const { arteries, veins, lesions } = layers;
  const discColour: Rgb = [0.98, 0.68 + 0.12 * disc.pallor, 0.36 + 0.2 * disc.pallor];
  const cupColour: Rgb = [1, 0.88, 0.64];
  const pixel: [number, number, number] = [0, 0, 0];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (x - centre) / radius;
      const v = (y - centre) / radius;
      if (u * u + v * v > 1.02) continue;
      const at = y * size + x;
      ground(eye, u, v, fine, coarse, pixel);

      const fromFovea = ((u - fovea.x) ** 2 + ((v - fovea.y) * 1.08) ** 2) / fovea.radius ** 2;
      if (fromFovea < 16) {
        const macula = Math.exp(-0.45 * fromFovea);
        const pit = Math.exp(-3.5 * fromFovea);
        absorb(pixel, fovea.depth * (0.75 * macula + 0.45 * pit), macularPigment);
      }
      const nx = (u - disc.x) * side;
      const fromDisc = Math.sqrt(nx * nx + ((v - disc.y) * disc.aspect) ** 2) / disc.radius;
      if (Math.abs(fromDisc - 1.12) < 0.35) {
        // A pigmented rim around the disc, stronger temporally.
        absorb(pixel, 0.16 * Math.exp(-(((fromDisc - 1.12) / 0.1) ** 2)) * (nx < 0 ? 1 : 0.4), rimPigment);
      }
      const onDisc = layers.disc.data[at];
      if (onDisc > 0) {
        cover(pixel, onDisc * (0.82 + 0.1 * coarse(u * 30, v * 30)), discColour);
        // The neuroretinal rim is pinker on the nasal side.
        absorb(pixel, 0.16 * onDisc * smooth(nx / disc.radius + 0.3), capillaries);
        const fromCup =
          Math.sqrt((nx + 0.12 * disc.radius) ** 2 + (v - disc.y) ** 2) / (disc.radius * disc.cup);
        cover(pixel, 0.85 * smooth((1.25 - fromCup) / 0.5), cupColour);
      }

      const wool = lesions.SE.data[at];
      // Nerve fibres lie over the deeper vessels' walls: a cotton wool spot veils what is under it.
      absorb(pixel, veins.data[at] * (1 - 0.6 * wool), bloodInVein);
      absorb(pixel, arteries.data[at] * (1 - 0.6 * wool), bloodInArtery);
      if (wool > 0) cover(pixel, 0.62 * wool * (0.85 + 0.15 * fine(u * 70, v * 70)), fluffyWhite);
      absorb(pixel, lesions.MA.data[at], bloodClot);
      if (lesions.HE.data[at] > 0)
        absorb(pixel, lesions.HE.data[at] * (0.85 + 0.15 * fine(u * 40, v * 40)), bloodClot);
      if (lesions.EX.data[at] > 0) cover(pixel, 0.88 * lesions.EX.data[at], waxyYellow);
      absorb(pixel, lesions.NV.data[at], bloodInNewVessel);
      if (lesions.PH.data[at] > 0)
        absorb(pixel, lesions.PH.data[at] * (1.05 + 0.1 * coarse(u * 5, v * 5)), bloodInPool);
      out[at * 3] = pixel[0];
      out[at * 3 + 1] = pixel[1];
      out[at * 3 + 2] = pixel[2];
    }
  }
  return out;
}

/** Pigment epithelium and choroid without anything on them. */
function ground(
  eye: Eye,
  u: number,
  v: number,
  fine: ReturnType<typeof createNoise>,
  coarse: ReturnType<typeof createNoise>,
  pixel: [number, number, number],
): void {
  const cloud = fractal(coarse, u * 2.2 + 5, v * 2.2, 3, 0.55);
  const grain = fractal(fine, u * 26, v * 26, 3, 0.65);
  // Ridges of a stretched, warped noise look like the choroid's vessels shining through.
  const warp = 0.25 * coarse(u * 3, v * 3 + 9);
  const ridge = 1 - Math.abs(fractal(fine, (u + warp) * 9, (v * 0.7 - warp) * 9 + 31, 2, 0.5)) * 2;
  const shade = 1 + 0.09 * cloud + 0.05 * grain;
  const choroid = eye.tigroid * Math.max(0, ridge) * 0.32 * (0.6 + 0.4 * Math.sqrt(u * u + v * v));
  pixel[0] = eye.colour[0] * shade * (1 + 0.25 * choroid);
  pixel[1] = eye.colour[1] * shade * (1 + 0.7 * choroid - 0.04 * cloud);
  pixel[2] = eye.colour[2] * shade * (1 + 0.6 * choroid - 0.05 * cloud);
}

function absorb(pixel: [number, number, number], amount: number, absorbance: Rgb): void {
  if (amount <= 0) return;
  pixel[0] *= Math.exp(-amount * absorbance[0]);
  pixel[1] *= Math.exp(-amount * absorbance[1]);
  pixel[2] *= Math.exp(-amount * absorbance[2]);
}

function cover(pixel: [number, number, number], amount: number, colour: Rgb): void {
  const a = Math.min(1, Math.max(0, amount));
  pixel[0] += a * (colour[0] - pixel[0]);
  pixel[1] += a * (colour[1] - pixel[1]);
  pixel[2] += a * (colour[2] - pixel[2]);
}

function smooth(t: number): number {
  const x = Math.min(1, Math.max(0, t));
  return x * x * (3 - 2 * x);
}
