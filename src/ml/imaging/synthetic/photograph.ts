import type { Random } from '../../random.ts';
import type { FieldOfView } from '../field-of-view.ts';
import type { Raster8 } from '../raster.ts';
import type { Camera, Eye } from './eye.ts';

/** Illumination, veil, blur, the camera's black mask and sensor noise over the retina's reflectance (consumed). */
export function photograph(
  eye: Eye,
  colours: Float32Array,
  size: number,
  radius: number,
  random: Random,
): Raster8 {
  const { camera } = eye;
  illuminate(camera, eye.fovea.reflex, eye, colours, size, radius);
  blur(colours, size, Math.hypot(camera.blur * radius, 0.35));
  const data = new Uint8ClampedArray(size * size * 3);
  const centre = (size - 1) / 2;
  const grain = Float32Array.from({ length: grainLength }, () => random.normal());
  for (let y = 0; y < size; y++) {
    // Every row reads the prepared noise from another place: a sample a pixel would cost more than the whole eye.
    let next = random.integer(grainLength);
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 3;
      const u = (x - centre) / radius;
      const v = (y - centre) / radius;
      const inside = fieldCoverage(eye, u, v, radius);
      for (let c = 0; c < 3; c++) {
        const light = 0.006 + inside * colours[at + c];
        // Shot noise grows with the square root of the light; the sensor's own stays.
        const noise = inside === 0 ? 0.003 : camera.noise * (0.35 + 0.9 * Math.sqrt(Math.max(0, light)));
        next = (next + 1) & (grainLength - 1);
        data[at + c] = 255 * (light + noise * grain[next]);
      }
    }
  }
  return { width: size, height: size, channels: 3, bitDepth: 8, data: new Uint8Array(data.buffer) };
}

const grainLength = 32_768;

/** The field as it is known from the construction, without looking at pixels. */
export function syntheticField(eye: Eye, size: number, radius: number): FieldOfView {
  const data = new Uint8Array(size * size);
  const centre = (size - 1) / 2;
  let area = 0;
  let left = size;
  let right = 0;
  let top = size;
  let bottom = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (x - centre) / radius;
      const v = (y - centre) / radius;
      if (u * u + v * v > 1 || Math.abs(v) > eye.camera.cut) continue;
      data[y * size + x] = 1;
      area++;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return {
    mask: { width: size, height: size, data },
    bounds: { x: left, y: top, width: right - left + 1, height: bottom - top + 1 },
    centreX: centre,
    centreY: centre,
    radius,
    area,
  };
}

/** 0 outside, 1 inside, a pixel's ramp between; the notch sticks out at the upper right. */
function fieldCoverage(eye: Eye, u: number, v: number, radius: number): number {
  const round = (1 - Math.hypot(u, v)) * radius + 0.5;
  const cut = (eye.camera.cut - Math.abs(v)) * radius + 0.5;
  const field = Math.min(1, Math.max(0, Math.min(round, cut)));
  if (!eye.camera.notch) return field;
  // 45 degrees up on the disc's side: along the radius and across it.
  const along = (u * eye.side - v) * Math.SQRT1_2;
  const across = (u * eye.side + v) * Math.SQRT1_2;
  const notch = Math.min(1.035 - along, along - 0.9, 0.03 - Math.abs(across)) * radius + 0.5;
  return Math.max(field, Math.min(1, Math.max(0, Math.min(notch, cut))));
}

function illuminate(
  camera: Camera,
  reflex: number,
  eye: Eye,
  colours: Float32Array,
  size: number,
  radius: number,
): void {
  const centre = (size - 1) / 2;
  const cos = Math.cos(camera.crescentAngle);
  const sin = Math.sin(camera.crescentAngle);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (x - centre) / radius;
      const v = (y - centre) / radius;
      const square = u * u + v * v;
      if (square > 1.08) continue;
      const fromLight = (u - camera.light.x) ** 2 + (v - camera.light.y) ** 2;
      const light = camera.gain * (1 - camera.falloff * Math.min(1.3, fromLight * 0.85));
      const crescent = camera.crescent * Math.max(0, u * cos + v * sin) * square ** 4;
      const fromFovea = Math.hypot(u - eye.fovea.x, v - eye.fovea.y) / 0.02;
      const glint = reflex * Math.exp(-fromFovea * fromFovea);
      const veil = camera.haze * (0.7 + 0.3 * square);
      const at = (y * size + x) * 3;
      colours[at] = colours[at] * light * (1 - veil) + veil * 0.66 + crescent * 0.75 + glint;
      colours[at + 1] = colours[at + 1] * light * (1 - veil) + veil * 0.58 + crescent * 0.85 + glint;
      colours[at + 2] = colours[at + 2] * light * (1 - veil) + veil * 0.5 + crescent + glint * 0.8;
    }
  }
}

/** Separable Gaussian blur in place; the black surround stays outside because only the field's neighbourhood was painted. */
function blur(colours: Float32Array, size: number, sigma: number): void {
  const reach = Math.max(1, Math.ceil(2.5 * sigma));
  const weights = Float32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, w) => total + w, 0);
  for (let k = 0; k < weights.length; k++) weights[k] /= sum;
  const stride = size * 3;
  const line = new Float32Array(stride);
  // The row between two black margins; samples of the same colour are 3 apart.
  const padded = new Float32Array(stride + 6 * reach);
  for (let y = 0; y < size; y++) {
    padded.set(colours.subarray(y * stride, (y + 1) * stride), 3 * reach);
    for (let s = 0; s < stride; s++) {
      let total = 0;
      for (let k = 0; k < weights.length; k++) total += weights[k] * padded[s + 3 * k];
      colours[y * stride + s] = total;
    }
  }
  const window = Array.from({ length: 2 * reach + 1 }, () => new Float32Array(stride));
  for (let k = 0; k < window.length; k++) {
    const y = Math.min(size - 1, Math.max(0, k - reach));
    window[k].set(colours.subarray(y * stride, (y + 1) * stride));
  }
  for (let y = 0; y < size; y++) {
    line.fill(0);
    for (let k = 0; k < window.length; k++) {
      const row = window[k];
      const w = weights[k];
      for (let s = 0; s < stride; s++) line[s] += w * row[s];
    }
    colours.set(line, y * stride);
    const recycled = window.shift();
    if (recycled === undefined) break;
    const next = Math.min(size - 1, y + 1 + reach);
    recycled.set(colours.subarray(next * stride, (next + 1) * stride));
    window.push(recycled);
  }
}
