import type { FieldOfView } from '../imaging/field-of-view.ts';
import type { Box } from '../imaging/plane.ts';
import { silhouetteOf } from '../lesions/silhouette.ts';
import type { ForbiddenZone } from '../lesions/zone.ts';
import type { Random } from '../random.ts';
import type { Logo } from './logo.ts';
import { type MarkShape, scaleLogo } from './mark-shape.ts';

/** Where the text tiles start, as fractions of a tile's width and height. */
export interface MeshPhase {
  readonly x: number;
  readonly y: number;
}

/** A phase at random. */
export function drawPhase(random: Random): MeshPhase {
  return { x: random.next(), y: random.next() };
}

/** Distance between lines, in text heights, and between repetitions on a line, in text heights. */
const LINE_PITCH = 3.4;
const GAP = 2.4;

/**
 * One text line repeated over the field of view as a single shape, with every pixel of the forbidden zone left out:
 * legal by construction. `size` is the text's height as a fraction of the field's diameter. `scale` renders it for an
 * image shrunk by that factor (then a pixel is left out when any native pixel under it is forbidden).
 */
export function meshShape(
  logo: Logo,
  fieldOfView: FieldOfView,
  zone: Pick<ForbiddenZone, 'mask'>,
  settings: { readonly size: number; readonly rotation: number; readonly phase: MeshPhase },
  scale: number,
): { readonly shape: MarkShape; readonly x: number; readonly y: number } {
  const box = scaledBounds(fieldOfView.bounds, scale, zone);
  const textHeight = Math.max(4, settings.size * 2 * fieldOfView.radius * scale);
  const tile = scaleLogo(logo, (textHeight * Math.max(logo.width, logo.height)) / logo.height, 0);
  const angle = (settings.rotation * Math.PI) / 180;
  const pitchX = tile.width + GAP * textHeight;
  const pitchY = LINE_PITCH * textHeight;
  const matte = new Uint8Array(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      if (forbiddenUnder(zone, box.x + column, box.y + row, scale)) continue;
      const u = Math.cos(angle) * column + Math.sin(angle) * row;
      const v = -Math.sin(angle) * column + Math.cos(angle) * row;
      const line = Math.floor(v / pitchY + settings.phase.y);
      // Lines are shifted against each other so that gaps do not form columns free of text.
      const x = wrap(u + (settings.phase.x + 0.37 * line) * pitchX, pitchX);
      const y = wrap(v + settings.phase.y * pitchY, pitchY);
      matte[row * box.width + column] = sampleMatte(tile, x, y);
    }
  }
  const ink = new Uint8Array(matte.length * 3).fill(255);
  const { width, height } = box;
  const silhouette = silhouetteOf({ width, height, data: matte });
  const shape = {
    width,
    height,
    matte,
    ink,
    opacityRule: logo.opacityRule,
    rotation: settings.rotation,
    silhouette,
  };
  return { shape, x: box.x, y: box.y };
}

function scaledBounds(bounds: Box, scale: number, zone: Pick<ForbiddenZone, 'mask'>): Box {
  const x = Math.floor(bounds.x * scale);
  const y = Math.floor(bounds.y * scale);
  const right = Math.min(Math.ceil((bounds.x + bounds.width) * scale), Math.round(zone.mask.width * scale));
  const bottom = Math.min(
    Math.ceil((bounds.y + bounds.height) * scale),
    Math.round(zone.mask.height * scale),
  );
  return { x, y, width: right - x, height: bottom - y };
}

function forbiddenUnder(
  { mask }: Pick<ForbiddenZone, 'mask'>,
  column: number,
  row: number,
  scale: number,
): boolean {
  const left = Math.floor(column / scale);
  const top = Math.floor(row / scale);
  const right = Math.min(mask.width, Math.max(left + 1, Math.ceil((column + 1) / scale)));
  const bottom = Math.min(mask.height, Math.max(top + 1, Math.ceil((row + 1) / scale)));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) if (mask.data[y * mask.width + x]) return true;
  }
  return false;
}

/** Bilinear sample of a tile's matte, zero beyond it; faint values are dropped as `scaleLogo` does. */
function sampleMatte(tile: MarkShape, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  if (x0 >= tile.width || y0 >= tile.height) return 0;
  const at = (column: number, row: number): number =>
    column < tile.width && row < tile.height ? tile.matte[row * tile.width + column] : 0;
  const top = at(x0, y0) * (1 - (x - x0)) + at(x0 + 1, y0) * (x - x0);
  const bottom = at(x0, y0 + 1) * (1 - (x - x0)) + at(x0 + 1, y0 + 1) * (x - x0);
  const value = Math.round(top * (1 - (y - y0)) + bottom * (y - y0));
  return value < 8 ? 0 : value;
}

function wrap(value: number, period: number): number {
  return value - Math.floor(value / period) * period;
}
