import type { SyntheticFundus } from '../../imaging/synthetic-fundus.ts';
import type { Random } from '../../random.ts';

/** A synthetic eye as some camera framed it, at the side a network sees. */
export interface View {
  readonly side: number;
  /** RGB 0..1, side * side * 3, changed in place by what comes after. */
  readonly colours: Float32Array;
  /** Share of each pixel that lies in the field of view. */
  readonly field: Float32Array;
  /** Bits of `CELL_BITS` that hold anywhere in each 4x4 cell, (side / 4)^2. */
  readonly cells: Uint8Array;
}

/** What a cell of the target maps can hold. */
export const CELL_BITS = { red: 1, bright: 2, proliferative: 4, vessel: 8, disc: 16, fovea: 32 } as const;
/** Pixels along a cell's edge. */
export const CELL = 4;
/** Samples a pixel and axis: pictures are reduced about twofold. */
const SUBSAMPLES = 2;
/** Vessels are long: a corner touched does not make a cell a vessel's. */
const VESSEL_SHARE = 0.12;

/**
 * Frames an eye as the cameras of screening programmes do: fields that stick out of the frame or leave a rim, pictures squeezed to a
 * square, turned, mirrored up-down never (a disc is not above the macula).
 */
export function frameView(eye: SyntheticFundus, side: number, random: Random): View {
  const between = (low: number, high: number): number => low + (high - low) * random.next();
  const { raster, fieldOfView } = eye;
  const size = raster.width;
  const zoom = random.next() < 0.5 ? between(0.94, 1.06) : between(1.05, 1.38);
  const squeeze = random.next() < 0.6 ? 1 : between(0.78, 1.12);
  const mirror = random.next() < 0.5 ? -1 : 1;
  const angle = random.normal() * 0.16;
  const shiftX = random.normal() * 0.02 * size;
  const shiftY = random.normal() * 0.02 * size;
  const step = size / side / SUBSAMPLES / zoom;
  const cos = Math.cos(angle) * step;
  const sin = Math.sin(angle) * step;
  const centre = (size - 1) / 2;
  const fine = side * SUBSAMPLES;
  const middle = (fine - 1) / 2;

  const colours = new Float32Array(side * side * 3);
  const field = new Float32Array(side * side);
  const across = side / CELL;
  const cells = new Uint8Array(across * across);
  const vessel = new Float32Array(across * across);
  const bits = bitsOf(eye);
  const share = 1 / SUBSAMPLES ** 2;
  for (let y = 0; y < fine; y++) {
    for (let x = 0; x < fine; x++) {
      const dx = (x - middle) * mirror;
      const dy = (y - middle) * squeeze;
      const sx = Math.round(centre + shiftX + cos * dx - sin * dy);
      const sy = Math.round(centre + shiftY + sin * dx + cos * dy);
      if (sx < 0 || sy < 0 || sx >= size || sy >= size) continue;
      const from = sy * size + sx;
      const px = Math.floor(x / SUBSAMPLES);
      const py = Math.floor(y / SUBSAMPLES);
      const to = py * side + px;
      for (let c = 0; c < 3; c++) colours[to * 3 + c] += (share * raster.data[from * 3 + c]) / 255;
      field[to] += share * fieldOfView.mask.data[from];
      const cell = Math.floor(py / CELL) * across + Math.floor(px / CELL);
      cells[cell] |= bits[from] & ~CELL_BITS.vessel;
      if ((bits[from] & CELL_BITS.vessel) !== 0) vessel[cell] += share / CELL ** 2;
    }
  }
  vessel.forEach((covered, cell) => {
    if (covered >= VESSEL_SHARE) cells[cell] |= CELL_BITS.vessel;
  });
  return { side, colours, field, cells };
}

function bitsOf({ lesions, vessels, disc, fovea, raster }: SyntheticFundus): Uint8Array {
  const size = raster.width;
  const bits = new Uint8Array(size * size);
  for (let i = 0; i < bits.length; i++) {
    if (lesions.MA.data[i] + lesions.HE.data[i] > 0) bits[i] |= CELL_BITS.red;
    if (lesions.EX.data[i] + lesions.SE.data[i] > 0) bits[i] |= CELL_BITS.bright;
    if (lesions.NV.data[i] + lesions.PH.data[i] > 0) bits[i] |= CELL_BITS.proliferative;
    if (vessels.data[i] > 0) bits[i] |= CELL_BITS.vessel;
    if (disc.data[i] > 0) bits[i] |= CELL_BITS.disc;
    const near = ((i % size) - fovea.x) ** 2 + (Math.floor(i / size) - fovea.y) ** 2;
    if (near < (0.7 * fovea.radius) ** 2) bits[i] |= CELL_BITS.fovea;
  }
  return bits;
}
