import type { BinaryMask, FloatImage } from '../imaging/plane.ts';
import { colourChannels, withSamples, type Raster } from '../imaging/raster.ts';
import { BandQueue } from './band-queue.ts';

const KNOWN = 0;
const BAND = 1;
const UNKNOWN = 2;

/** Farther than any distance inside an image: the value of places the march never reached. */
const FAR = 1e6;

/**
 * Fills the masked pixels from their surroundings: the fast-marching inpainting of Telea (J. Graphics Tools 9(1), 2004),
 * each pixel from the already known ones within `radius`, from the rim of the hole inwards. Alpha stays as it is.
 * Follows OpenCV's INPAINT_TELEA, whose gradient term is the unit direction of the summed gradients, not the paper's
 * weighted mean of extrapolations, because figures published with "Telea" are OpenCV's. Samples of a FloatImage are taken
 * as [0, 1] (a grader's scale) and not rounded. A mask over everything leaves the image as it is: nothing is known.
 */
export function inpaintTelea(image: Raster, mask: BinaryMask, radius: number): Raster;
export function inpaintTelea(image: FloatImage, mask: BinaryMask, radius: number): FloatImage;
export function inpaintTelea(
  image: Raster | FloatImage,
  mask: BinaryMask,
  radius: number,
): Raster | FloatImage {
  if (mask.width !== image.width || mask.height !== image.height)
    throw new RangeError(
      `mask of ${mask.width} x ${mask.height} for an image of ${image.width} x ${image.height}`,
    );
  if (!Number.isInteger(radius) || radius < 1 || radius > 100)
    throw new RangeError(`radius must be an integer in 1..100, got ${radius}`);
  const data = image.data.slice();
  const field = new MarchingField(mask, radius);
  const painter = new Painter(field, data, {
    channels: image.channels,
    colours: 'bitDepth' in image ? colourChannels(image) : image.channels,
    // One 8-bit level in this image's samples.
    level: data instanceof Uint8Array ? 1 : data instanceof Uint16Array ? 257 : 1 / 255,
    highest: data instanceof Uint8Array ? 255 : data instanceof Uint16Array ? 65535 : Infinity,
  });
  field.march((place) => {
    painter.fill(place);
  });
  return data instanceof Float32Array ? { ...image, data } : withSamples(image as Raster, data);
}

/**
 * Signed distance to the hole's rim over the image with a border of one pixel: negative outside (as far as the radius
 * reaches), growing inwards. Distances are rounded to float32, so that ties fall as they do in OpenCV.
 */
class MarchingField {
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly state: Uint8Array;
  readonly distance: Float32Array;
  readonly #rim: number[] = [];

  constructor(mask: BinaryMask, radius: number) {
    this.width = mask.width + 2;
    this.height = mask.height + 2;
    this.radius = radius;
    this.state = new Uint8Array(this.width * this.height);
    this.distance = new Float32Array(this.width * this.height).fill(FAR);
    this.#placeHole(mask);
    this.#measureOutside();
  }

  /** Visits every unknown pixel in the order of its distance; it counts as known after the visit. */
  march(visit: (place: number) => void): void {
    this.#advance(this.state, visit);
  }

  #placeHole(mask: BinaryMask): void {
    const { state, width, height } = this;
    for (let y = 0; y < mask.height; y++)
      for (let x = 0; x < mask.width; x++)
        if (mask.data[y * mask.width + x] !== 0) state[(y + 1) * width + x + 1] = UNKNOWN;
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        const place = y * width + x;
        if (state[place] === UNKNOWN) continue;
        if (this.#neighbours(place).some((near) => state[near] === UNKNOWN)) this.#rim.push(place);
      }
    for (const place of this.#rim) {
      state[place] = BAND;
      this.distance[place] = 0;
    }
  }

  /** The same march outwards, over the pixels within the radius of the hole; there the distance is negative. */
  #measureOutside(): void {
    const outside = new Uint8Array(this.state.length);
    this.#eachNearHole((place) => {
      if (this.state[place] === KNOWN) outside[place] = UNKNOWN;
    });
    const reached: number[] = [];
    this.#advance(outside, (place) => reached.push(place));
    for (const place of reached) this.distance[place] = -this.distance[place];
  }

  #advance(state: Uint8Array, visit: (place: number) => void): void {
    const queue = new BandQueue();
    for (const place of this.#rim) queue.push(place, 0);
    for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
      state[from] = KNOWN;
      for (const place of this.#neighbours(from)) {
        if (state[place] !== UNKNOWN || this.#onBorder(place)) continue;
        this.distance[place] = this.#arrival(place, state);
        visit(place);
        state[place] = BAND;
        queue.push(place, this.distance[place]);
      }
    }
  }

  /** Smallest solution of |grad T| = 1 over the four pairs of a vertical and a horizontal neighbour. */
  #arrival(place: number, state: Uint8Array): number {
    const { width } = this;
    let earliest = Infinity;
    for (const vertical of [place - width, place + width])
      for (const horizontal of [place - 1, place + 1])
        earliest = Math.min(earliest, this.#solve(vertical, horizontal, state));
    return earliest;
  }

  #solve(a: number, b: number, state: Uint8Array): number {
    const ta = this.distance[a];
    const tb = this.distance[b];
    const aKnown = state[a] !== UNKNOWN;
    const bKnown = state[b] !== UNKNOWN;
    if (aKnown && bKnown) {
      const difference = ta - tb;
      return Math.abs(difference) >= 1
        ? 1 + Math.min(ta, tb)
        : (ta + tb + Math.sqrt(2 - difference * difference)) / 2;
    }
    if (aKnown) return 1 + ta;
    if (bKnown) return 1 + tb;
    return 1 + Math.min(ta, tb);
  }

  #neighbours(place: number): readonly [number, number, number, number] {
    return [place - this.width, place - 1, place + this.width, place + 1];
  }

  #onBorder(place: number): boolean {
    const x = place % this.width;
    const y = (place - x) / this.width;
    return x === 0 || y === 0 || x === this.width - 1 || y === this.height - 1;
  }

  /** Chebyshev dilation of the hole by the radius, by running counts along rows, then columns. */
  #eachNearHole(visit: (place: number) => void): void {
    const { width, height, state, radius } = this;
    const inRow = new Uint8Array(state.length);
    spread(inRow, (place) => state[place] === UNKNOWN, {
      lines: height,
      length: width,
      radius,
      stride: 1,
      line: width,
    });
    const near = new Uint8Array(state.length);
    spread(near, (place) => inRow[place] === 1, {
      lines: width,
      length: height,
      radius,
      stride: width,
      line: 1,
    });
    near.forEach((set, place) => {
      if (set === 1 && !this.#onBorder(place)) visit(place);
    });
  }
}

/** Sets every place within `radius` of a source along its line. */
function spread(
  target: Uint8Array,
  isSource: (place: number) => boolean,
  shape: { lines: number; length: number; radius: number; stride: number; line: number },
): void {
  for (let line = 0; line < shape.lines; line++) {
    const start = line * shape.line;
    let filledTo = 0;
    for (let i = 0; i < shape.length; i++) {
      if (!isSource(start + i * shape.stride)) continue;
      const end = Math.min(shape.length, i + shape.radius + 1);
      for (let j = Math.max(filledTo, i - shape.radius); j < end; j++) target[start + j * shape.stride] = 1;
      filledTo = end;
    }
  }
}

interface Format {
  readonly channels: number;
  readonly colours: number;
  readonly level: number;
  readonly highest: number;
}

/** Estimates one pixel from the known ones around it and writes it into `data`. */
class Painter {
  readonly #field: MarchingField;
  readonly #data: Uint8Array | Uint16Array | Float32Array;
  readonly #format: Format;
  readonly #disc: Int32Array;

  constructor(field: MarchingField, data: Uint8Array | Uint16Array | Float32Array, format: Format) {
    this.#field = field;
    this.#data = data;
    this.#format = format;
    this.#disc = discOffsets(field.radius);
  }

  fill(place: number): void {
    const { width, height, state, distance } = this.#field;
    const { channels, colours } = this.#format;
    const data = this.#data;
    const x = place % width;
    const y = (place - x) / width;
    const slopeX = this.#slope(place, 1);
    const slopeY = this.#slope(place, width);
    const sums = new Float64Array(colours);
    const gradientX = new Float64Array(colours);
    const gradientY = new Float64Array(colours);
    let weights = 0;
    for (let o = 0; o < this.#disc.length; o += 2) {
      const column = x + this.#disc[o];
      const row = y + this.#disc[o + 1];
      if (column < 1 || row < 1 || column > width - 2 || row > height - 2) continue;
      const near = row * width + column;
      if (state[near] === UNKNOWN) continue;
      const dx = x - column;
      const dy = y - row;
      const length2 = dx * dx + dy * dy;
      const along = dx * slopeX + dy * slopeY;
      // Pixels beside the marching direction still count a little.
      const direction = Math.abs(along) <= 0.01 ? 1e-6 : Math.abs(along);
      const weight =
        direction / (length2 * Math.sqrt(length2)) / (1 + Math.abs(distance[near] - distance[place]));
      const sample = this.#sample(column, row);
      const stepX = this.#step(near, 1, column, width);
      const stepY = this.#step(near, width, row, height);
      for (let c = 0; c < colours; c++) {
        sums[c] += weight * data[sample + c];
        gradientX[c] -= weight * dx * stepX.weight * (data[stepX.after + c] - data[stepX.before + c]);
        gradientY[c] -= weight * dy * stepY.weight * (data[stepY.after + c] - data[stepY.before + c]);
      }
      weights += weight;
    }
    if (weights === 0) return;
    const target = ((y - 1) * (width - 2) + x - 1) * channels;
    for (let c = 0; c < colours; c++) {
      const size = Math.hypot(gradientX[c], gradientY[c]);
      const lift = size === 0 ? 0 : (gradientX[c] + gradientY[c]) / size;
      data[target + c] = this.#quantise(sums[c] / weights, lift);
    }
  }

  /** Derivative of the distance along one axis over the known neighbours. */
  #slope(place: number, stride: number): number {
    const { state, distance } = this.#field;
    const after = state[place + stride] !== UNKNOWN;
    const before = state[place - stride] !== UNKNOWN;
    if (after && before) return (distance[place + stride] - distance[place - stride]) / 2;
    if (after) return distance[place + stride] - distance[place];
    return before ? distance[place] - distance[place - stride] : 0;
  }

  /** The two samples whose difference is the image's gradient along one axis; the rim of the image repeats. */
  #step(
    near: number,
    stride: number,
    position: number,
    extent: number,
  ): { before: number; after: number; weight: number } {
    const { state, width } = this.#field;
    const after = state[near + stride] !== UNKNOWN && position < extent - 2;
    const before = state[near - stride] !== UNKNOWN && position > 1;
    const at = (place: number): number => this.#sample(place % width, Math.floor(place / width));
    return {
      after: at(after ? near + stride : near),
      before: at(before ? near - stride : near),
      // OpenCV's factor 2 for a central difference, where 1/2 would be the derivative.
      weight: after && before ? 2 : 1,
    };
  }

  #sample(column: number, row: number): number {
    return ((row - 1) * (this.#field.width - 2) + column - 1) * this.#format.channels;
  }

  #quantise(value: number, lift: number): number {
    const { level, highest } = this.#format;
    if (highest === Infinity) return Math.min(1, Math.max(0, value + lift * level));
    // OpenCV adds the half of a rounding step and then rounds again.
    const rounded = Math.round(value + lift * level + 0.5 * level);
    return Math.min(highest, Math.max(0, rounded));
  }
}

/** Pairs (dx, dy) with dx^2 + dy^2 <= radius^2, the centre left out, row by row. */
function discOffsets(radius: number): Int32Array {
  const offsets: number[] = [];
  for (let dy = -radius; dy <= radius; dy++)
    for (let dx = -radius; dx <= radius; dx++)
      if ((dx !== 0 || dy !== 0) && dx * dx + dy * dy <= radius * radius) offsets.push(dx, dy);
  return Int32Array.from(offsets);
}
