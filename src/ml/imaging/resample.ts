import type { FloatImage } from './plane.ts';

export type ResampleKernel = 'bilinear' | 'bicubic' | 'area';

/** A part of the source in pixels; edges may lie between pixels (0.5 = the middle of the first pixel). */
export interface SourceBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** For each output index the weights of consecutive input indices; every row of weights sums to 1. */
interface AxisPlan {
  readonly input: number;
  readonly output: number;
  /** First input index of each output index. */
  readonly first: Int32Array;
  /** Number of inputs of each output index, at most `taps`. */
  readonly length: Int32Array;
  readonly taps: number;
  /** `output * taps` weights. */
  readonly weights: Float32Array;
}

/** A prepared linear map from images of one size to another: reusable, without state. */
export interface ResamplePlan {
  readonly inputWidth: number;
  readonly inputHeight: number;
  readonly outputWidth: number;
  readonly outputHeight: number;
  readonly horizontal: AxisPlan;
  readonly vertical: AxisPlan;
}

/**
 * Prepares an antialiased separable resize with the semantics of Pillow's `Image.resize` (also torchvision's with antialias):
 * when reducing, the kernel is stretched by the factor; support is cut at the border of the source and the weights
 * normalised. With `box` only that part of the source is resized; the kernel still reads beyond the box (Pillow's `box`)
 * unless `cut` says that the source was cut to it before. Kernels: bilinear = triangle, bicubic = Keys with a = -0.5, area = box. Aspect ratio is not kept.
 */
export function planResample(
  inputWidth: number,
  inputHeight: number,
  outputWidth: number,
  outputHeight: number,
  kernel: ResampleKernel,
  box: SourceBox = { x: 0, y: 0, width: inputWidth, height: inputHeight },
  cut = false,
): ResamplePlan {
  for (const [name, value] of Object.entries({ inputWidth, inputHeight, outputWidth, outputHeight })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be an integer >= 1, got ${value}`);
  }
  return {
    inputWidth,
    inputHeight,
    outputWidth,
    outputHeight,
    horizontal: planAxis(inputWidth, box.x, box.width, outputWidth, kernel, cut),
    vertical: planAxis(inputHeight, box.y, box.height, outputHeight, kernel, cut),
  };
}

/** Applies a plan: `plan.input*` sized image of any number of channels to `plan.output*`. Bicubic may overshoot the value range. */
export function resample(plan: ResamplePlan, image: FloatImage): FloatImage {
  requireSize('image', image, plan.inputWidth, plan.inputHeight);
  const stride = image.width * image.channels;
  return resampleRows(plan, image.channels, (y) => image.data.subarray(y * stride, (y + 1) * stride));
}

/**
 * Applies a plan to an image that is given row by row (`inputWidth * channels` samples each, read before the next call):
 * large integer images need no float copy.
 */
export function resampleRows(
  plan: ResamplePlan,
  channels: number,
  rowOf: (y: number) => Float32Array,
): FloatImage {
  const { outputWidth: width, outputHeight: height, vertical, horizontal } = plan;
  const stride = width * channels;
  // Only the rows that some output row reads are reduced horizontally.
  const top = firstInput(vertical);
  const bottom = lastInput(vertical);
  const rows = new Float32Array((bottom - top) * stride);
  for (let y = top; y < bottom; y++) gatherRow(rowOf(y), rows, (y - top) * stride, horizontal, channels);
  const out = new Float32Array(width * height * channels);
  gatherColumns(rows, -top, out, vertical, stride);
  return { width, height, channels, data: out };
}

/**
 * The transposed map: for a gradient with respect to the output, the gradient with respect to the input
 * (`<resample(x), y> = <x, resampleAdjoint(y)>`).
 */
export function resampleAdjoint(plan: ResamplePlan, image: FloatImage): FloatImage {
  requireSize('gradient', image, plan.outputWidth, plan.outputHeight);
  const { channels } = image;
  const { inputWidth: width, inputHeight: height, vertical, horizontal } = plan;
  const stride = image.width * channels;
  const top = firstInput(vertical);
  const bottom = lastInput(vertical);
  const rows = new Float32Array((bottom - top) * stride);
  scatterColumns(image.data, rows, -top, vertical, stride);
  const out = new Float32Array(width * height * channels);
  for (let y = top; y < bottom; y++) {
    scatterRow(rows, (y - top) * stride, out, y * width * channels, horizontal, channels);
  }
  return { width, height, channels, data: out };
}

/** One plan that does the work of `first`, then `second` (both linear and separable, so their product is as well). */
export function composePlans(first: ResamplePlan, second: ResamplePlan): ResamplePlan {
  if (first.outputWidth !== second.inputWidth || first.outputHeight !== second.inputHeight) {
    throw new RangeError('the second plan does not start at the size the first one ends with');
  }
  return {
    inputWidth: first.inputWidth,
    inputHeight: first.inputHeight,
    outputWidth: second.outputWidth,
    outputHeight: second.outputHeight,
    horizontal: composeAxes(first.horizontal, second.horizontal),
    vertical: composeAxes(first.vertical, second.vertical),
  };
}

function composeAxes(inner: AxisPlan, outer: AxisPlan): AxisPlan {
  const rows = Array.from({ length: outer.output }, (_, i) => {
    const middle = Array.from({ length: outer.length[i] }, (_, k) => outer.first[i] + k);
    const from = Math.min(...middle.map((m) => inner.first[m]));
    const to = Math.max(...middle.map((m) => inner.first[m] + inner.length[m]));
    const row = new Float64Array(to - from);
    for (const [k, m] of middle.entries()) {
      for (let j = 0; j < inner.length[m]; j++) {
        row[inner.first[m] + j - from] +=
          outer.weights[i * outer.taps + k] * inner.weights[m * inner.taps + j];
      }
    }
    return { from, row };
  });
  const taps = Math.max(...rows.map(({ row }) => row.length));
  const weights = new Float32Array(outer.output * taps);
  for (const [i, { row }] of rows.entries()) weights.set(row, i * taps);
  return {
    input: inner.input,
    output: outer.output,
    first: Int32Array.from(rows, ({ from }) => from),
    length: Int32Array.from(rows, ({ row }) => row.length),
    taps,
    weights,
  };
}

/** The weights of Pillow's `precompute_coeffs`: centre (i + 0.5) * scale, support kernel * max(scale, 1). */
function planAxis(
  input: number,
  start: number,
  extent: number,
  output: number,
  kernel: ResampleKernel,
  cut: boolean,
): AxisPlan {
  if (!(extent > 0) || start < 0 || start + extent > input + 1e-9) {
    throw new RangeError(`box ${start}..${start + extent} does not lie within 0..${input}`);
  }
  const { support: radius, weight } = kernels[kernel];
  const scale = extent / output;
  const stretch = Math.max(scale, 1);
  const support = radius * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const least = cut ? Math.floor(start) : 0;
  const most = cut ? Math.ceil(start + extent) : input;
  const first = new Int32Array(output);
  const length = new Int32Array(output);
  const weights = new Float32Array(output * taps);
  for (let i = 0; i < output; i++) {
    const centre = start + (i + 0.5) * scale;
    const from = Math.max(least, Math.trunc(centre - support + 0.5));
    const to = Math.min(most, Math.trunc(centre + support + 0.5));
    first[i] = from;
    length[i] = to - from;
    let sum = 0;
    const values = Array.from({ length: to - from }, (_, k) => weight((k + from - centre + 0.5) / stretch));
    for (const value of values) sum += value;
    for (let k = 0; k < values.length; k++) weights[i * taps + k] = sum === 0 ? values[k] : values[k] / sum;
  }
  return { input, output, first, length, taps, weights };
}

const kernels: Readonly<Record<ResampleKernel, { support: number; weight: (t: number) => number }>> = {
  area: { support: 0.5, weight: (t) => (t > -0.5 && t <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (t) => Math.max(0, 1 - Math.abs(t)) },
  bicubic: { support: 2, weight: keys },
};

/** Cubic convolution, Keys 1981, a = -0.5. */
function keys(signed: number): number {
  const a = -0.5;
  const t = Math.abs(signed);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

function firstInput(axis: AxisPlan): number {
  return axis.first.reduce((least, first) => Math.min(least, first));
}

/** One past the last input index that some output reads. */
function lastInput(axis: AxisPlan): number {
  return axis.first.reduce((most, first, i) => Math.max(most, first + axis.length[i]), 0);
}

function gatherRow(
  source: Float32Array,
  target: Float32Array,
  to: number,
  axis: AxisPlan,
  channels: number,
): void {
  const { first, length, taps, weights, output } = axis;
  if (channels === 3) {
    for (let i = 0; i < output; i++) {
      let r = 0;
      let g = 0;
      let b = 0;
      let at = first[i] * 3;
      const end = i * taps + length[i];
      for (let k = i * taps; k < end; k++, at += 3) {
        const w = weights[k];
        r += w * source[at];
        g += w * source[at + 1];
        b += w * source[at + 2];
      }
      target[to + 3 * i] = r;
      target[to + 3 * i + 1] = g;
      target[to + 3 * i + 2] = b;
    }
    return;
  }
  if (channels === 1) {
    for (let i = 0; i < output; i++) {
      let sum = 0;
      const shift = first[i] - i * taps;
      const end = i * taps + length[i];
      for (let k = i * taps; k < end; k++) sum += weights[k] * source[k + shift];
      target[to + i] = sum;
    }
    return;
  }
  for (let i = 0; i < output; i++) {
    const row = i * taps;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      let at = first[i] * channels + c;
      for (let k = row; k < row + length[i]; k++, at += channels) sum += weights[k] * source[at];
      target[to + i * channels + c] = sum;
    }
  }
}

/** Output row i = weighted sum of source rows `first[i] + rowOffset` and on, each `stride` samples long. */
function gatherColumns(
  source: Float32Array,
  rowOffset: number,
  target: Float32Array,
  axis: AxisPlan,
  stride: number,
): void {
  const { first, length, taps, weights, output } = axis;
  for (let i = 0; i < output; i++) {
    const to = i * stride;
    for (let k = 0; k < length[i]; k++) {
      const w = weights[i * taps + k];
      const from = (first[i] + k + rowOffset) * stride;
      for (let s = 0; s < stride; s++) target[to + s] += w * source[from + s];
    }
  }
}

function scatterColumns(
  source: Float32Array,
  target: Float32Array,
  rowOffset: number,
  axis: AxisPlan,
  stride: number,
): void {
  const { first, length, taps, weights, output } = axis;
  for (let i = 0; i < output; i++) {
    const from = i * stride;
    for (let k = 0; k < length[i]; k++) {
      const w = weights[i * taps + k];
      const to = (first[i] + k + rowOffset) * stride;
      for (let s = 0; s < stride; s++) target[to + s] += w * source[from + s];
    }
  }
}

function scatterRow(
  source: Float32Array,
  from: number,
  target: Float32Array,
  to: number,
  axis: AxisPlan,
  channels: number,
): void {
  const { first, length, taps, weights, output } = axis;
  for (let i = 0; i < output; i++) {
    for (let k = 0; k < length[i]; k++) {
      const w = weights[i * taps + k];
      const at = to + (first[i] + k) * channels;
      for (let c = 0; c < channels; c++) target[at + c] += w * source[from + i * channels + c];
    }
  }
}

function requireSize(name: string, image: FloatImage, width: number, height: number): void {
  if (image.width !== width || image.height !== height) {
    throw new RangeError(`${name} is ${image.width} x ${image.height}, the plan needs ${width} x ${height}`);
  }
}
