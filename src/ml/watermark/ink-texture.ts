import type { FloatImage } from '../imaging/plane.ts';
import type { Random } from '../random.ts';
import type { Disturbance } from './disturbance.ts';
import type { Scene } from './scene.ts';
import { blendWork, type PlacedWorkStamp, visitInk } from './work-image.ts';

/** Deviation of the ink from its plain colour at work resolution, one array a stamp: 3 samples a pixel in -r..r. */
export type InkTexture = readonly Float32Array[];

export interface TextureSettings {
  /** Amplitude r, as a fraction of the sample range. */
  readonly amplitude: number;
  readonly steps: number;
  /** Disturbances a step averages the gradient over. */
  readonly samples: number;
}

/** Momentum of the accumulated gradient: MI-FGSM (Dong et al., CVPR 2018) uses 1 over 10 steps. */
const MOMENTUM = 0.9;
const NOISE = 0.02;
const SMALLEST_ZOOM = 0.9;

/**
 * Finds an ink texture inside the silhouettes that lowers the objective, by sign-gradient steps with momentum, each on
 * freshly drawn disturbances (consumer pipeline, shift, zoom, noise) so that the effect survives them. The ink of every
 * sample stays within +-amplitude of the plain ink and within the sample range; pixels outside the silhouettes are
 * never touched. Steps shrink to zero along a half cosine. This is the ink texture of docs/methods.md, not part of any
 * published watermark.
 */
export async function optimiseInkTexture(
  scene: Scene,
  stamps: readonly PlacedWorkStamp[],
  settings: TextureSettings,
  random: Random,
  signal?: AbortSignal,
): Promise<InkTexture> {
  const { amplitude, steps, samples } = settings;
  const texture = stamps.map(({ stamp }) => new Float32Array(stamp.ink.length));
  const momentum = stamps.map(({ stamp }) => new Float32Array(stamp.ink.length));
  for (let step = 0; step < steps; step++) {
    signal?.throwIfAborted();
    const marked = blendWork(scene.host, withTexture(stamps, texture));
    const disturbances = Array.from({ length: samples }, (_, i) =>
      drawDisturbance(scene, step * samples + i, random),
    );
    const { gradient } = await scene.gradient(marked, disturbances);
    const size = amplitude * stepSize(step, steps);
    stamps.forEach((placed, index) => {
      accumulate(momentum[index], inkGradient(scene.host, placed, gradient));
      descend(texture[index], momentum[index], placed, size, amplitude);
    });
  }
  return texture;
}

/** Stamps whose ink carries the texture, cut at the sample range. */
export function withTexture(stamps: readonly PlacedWorkStamp[], texture: InkTexture): PlacedWorkStamp[] {
  return stamps.map((placed, index) => {
    const ink = placed.stamp.ink.map((value, i) => Math.min(1, Math.max(0, value + texture[index][i])));
    return { ...placed, stamp: { ...placed.stamp, ink } };
  });
}

/** First steps cross a quarter of the amplitude, later ones less. */
function stepSize(step: number, steps: number): number {
  return 0.25 * 0.5 * (1 + Math.cos((Math.PI * step) / steps)) + 0.02;
}

function drawDisturbance(scene: Scene, index: number, random: Random): Disturbance {
  const zoom = SMALLEST_ZOOM + (1 - SMALLEST_ZOOM) * random.next();
  const shiftX = random.next();
  const shiftY = random.next();
  const noise = NOISE * random.next();
  return {
    pipeline: index % scene.pipelineCount,
    shiftX,
    shiftY,
    zoom,
    addNoise: (input) => {
      for (let i = 0; i < input.length; i++) input[i] += noise * random.normal();
    },
  };
}

function inkGradient(host: FloatImage, placed: PlacedWorkStamp, gradient: Float32Array): Float32Array {
  const result = new Float32Array(placed.stamp.ink.length);
  visitInk(host, placed, (source, target, opacity) => {
    for (let c = 0; c < 3; c++) result[source * 3 + c] = opacity * gradient[target + c];
  });
  return result;
}

/** Adds a gradient scaled to unit mean magnitude, as MI-FGSM does. */
function accumulate(momentum: Float32Array, gradient: Float32Array): void {
  let magnitude = 0;
  for (const value of gradient) magnitude += Math.abs(value);
  const scale = magnitude > 0 ? gradient.length / magnitude : 0;
  for (let i = 0; i < momentum.length; i++) momentum[i] = MOMENTUM * momentum[i] + scale * gradient[i];
}

function descend(
  texture: Float32Array,
  momentum: Float32Array,
  { stamp }: PlacedWorkStamp,
  size: number,
  amplitude: number,
): void {
  for (let i = 0; i < texture.length; i++) {
    const lowest = Math.max(-amplitude, -stamp.ink[i]);
    const highest = Math.min(amplitude, 1 - stamp.ink[i]);
    texture[i] = Math.min(highest, Math.max(lowest, texture[i] - size * Math.sign(momentum[i])));
  }
}
