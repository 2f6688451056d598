import type { Random } from '../../random.ts';

/** Smooth noise over the plane, about -1..1, wavelength 1. */
export type Noise = (x: number, y: number) => number;

const side = 64;

/** Value noise on a 64 x 64 lattice that repeats, interpolated with a quintic fade (Perlin 2002). */
export function createNoise(random: Random): Noise {
  const lattice = Float32Array.from({ length: side * side }, () => 2 * random.next() - 1);
  return (x, y) => {
    const xi = Math.floor(x);
    const yi = Math.floor(y);
    const u = fade(x - xi);
    const v = fade(y - yi);
    const x0 = xi & (side - 1);
    const x1 = (xi + 1) & (side - 1);
    const row0 = (yi & (side - 1)) * side;
    const row1 = ((yi + 1) & (side - 1)) * side;
    const top = lattice[row0 + x0] + u * (lattice[row0 + x1] - lattice[row0 + x0]);
    const bottom = lattice[row1 + x0] + u * (lattice[row1 + x1] - lattice[row1 + x0]);
    return top + v * (bottom - top);
  };
}

/** Sum of octaves, each at twice the frequency and `gain` times the amplitude of the last; about -1..1. */
export function fractal(noise: Noise, x: number, y: number, octaves: number, gain: number): number {
  let sum = 0;
  let amplitude = 1;
  let total = 0;
  let frequency = 1;
  for (let octave = 0; octave < octaves; octave++) {
    sum += amplitude * noise(x * frequency + octave * 17.3, y * frequency + octave * 9.1);
    total += amplitude;
    amplitude *= gain;
    frequency *= 2;
  }
  return sum / total;
}

function fade(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}
