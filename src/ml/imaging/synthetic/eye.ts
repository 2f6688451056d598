import type { Random } from '../../random.ts';

/** Retinal coordinates: the field of view is the unit disc, y points down. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export type Rgb = readonly [number, number, number];

/** One eye and the photograph taken of it, drawn before any pixel. */
export interface Eye {
  /** +1: disc on the right side of the picture (a right eye), -1: on the left. */
  readonly side: 1 | -1;
  readonly disc: Spot & {
    readonly radius: number;
    readonly aspect: number;
    readonly cup: number;
    readonly pallor: number;
  };
  readonly fovea: Spot & { readonly radius: number; readonly depth: number; readonly reflex: number };
  /** Reflectance of the healthy retina, 0..1. */
  readonly colour: Rgb;
  /** Strength of the visible choroidal pattern (light fundi show it). */
  readonly tigroid: number;
  readonly camera: Camera;
}

export interface Camera {
  /** Overall brightness and falloff towards the rim. */
  readonly gain: number;
  readonly falloff: number;
  /** Centre of the illumination. */
  readonly light: Spot;
  /** Whitish veil, 0..0.35: cataract, defocus, stray light. */
  readonly haze: number;
  /** Blue-white crescent at the rim, 0..0.4, and its direction in radians. */
  readonly crescent: number;
  readonly crescentAngle: number;
  /** Blur as a standard deviation in field radii, on top of the pixel's own. */
  readonly blur: number;
  /** Standard deviation of the sensor noise at mid grey, 0..1. */
  readonly noise: number;
  /** Field's radius as a fraction of half the frame. */
  readonly fill: number;
  /** Upper and lower cut of the field in field radii (1 = not cut). */
  readonly cut: number;
  /** Whether the camera leaves its notch at the rim. */
  readonly notch: boolean;
}

export function drawEye(random: Random): Eye {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  const side = random.next() < 0.5 ? 1 : -1;
  const foveaX = between(-0.24, -0.06);
  const foveaY = between(-0.06, 0.08);
  const tilt = between(-0.16, -0.02);
  const gap = between(0.6, 0.68);
  // 0 = dark brown, 1 = light orange.
  const lightness = random.next();
  const redness = between(-0.04, 0.04);
  const colour: Rgb = [
    0.6 + 0.3 * lightness + redness,
    0.25 + 0.2 * lightness - redness * 0.6 + between(-0.03, 0.03),
    0.1 + 0.1 * lightness + between(-0.03, 0.05),
  ];
  const radius = between(0.108, 0.132);
  return {
    side,
    disc: {
      x: side * (foveaX + gap),
      y: foveaY + tilt * gap,
      radius,
      aspect: between(0.9, 1),
      cup: between(0.25, 0.6),
      pallor: between(0, 1),
    },
    fovea: {
      x: side * foveaX,
      y: foveaY,
      radius: between(0.1, 0.14),
      depth: between(0.28, 0.5),
      reflex: random.next() < 0.4 ? between(0.1, 0.35) : 0,
    },
    colour,
    tigroid: lightness > 0.45 ? between(0, 0.5) : between(0, 0.15),
    camera: drawCamera(random, between),
  };
}

function drawCamera(random: Random, between: (low: number, high: number) => number): Camera {
  return {
    gain: between(0.75, 1.12),
    falloff: between(0.12, 0.45),
    light: { x: between(-0.2, 0.2), y: between(-0.2, 0.2) },
    haze: random.next() < 0.35 ? between(0.04, 0.22) : between(0, 0.03),
    crescent: random.next() < 0.3 ? between(0.08, 0.35) : 0,
    crescentAngle: between(0, 2 * Math.PI),
    blur: between(0.0008, 0.0035),
    noise: between(0.004, 0.016),
    fill: between(0.92, 0.985),
    cut: random.next() < 0.3 ? between(0.78, 0.9) : 1,
    notch: random.next() < 0.35,
  };
}
