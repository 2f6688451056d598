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
 * normalised. Kernels: bilinear = triangle, bicubic = Keys with a = -0.5, area = box. Aspect ratio is not kept.
 */
export function planResample(
  inputWidth: number,
  inputHeight: number,
  outputWidth: number,
  outputHeight: number,
  kernel: ResampleKernel,
  box: SourceBox = { x: 0, y: 0, width: inputWidth, height: inputHeight },
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
    horizontal: planAxis(inputWidth, box.x, box.width, outputWidth, kernel),
    vertical: planAxis(inputHeight, box.y, box.height, outputHeight, kernel),
  };
}

/** Applies a plan: `plan.input*` sized image of any number of channels to `plan.output*`. Bicubic may overshoot the value range. */
export function resample(plan: ResamplePlan, image: FloatImage): FloatImage {
  requireSize('image', image, plan.inputWidth, plan.inputHeight);
  const { channels } = image;
  const { outputWidth: width, outputHeight: height, vertical, horizontal } = plan;
  // Only the rows that some output row reads are reduced horizontally.
  const top = vertical.first[0];
  const bottom = lastInput(vertical);
  const rows = new Float32Array((bottom - top) * width * channels);
  for (let y = top; y < bottom; y++) {
    gatherRow(
      image.data,
      y * image.width * channels,
      rows,
      (y - top) * width * channels,
      horizontal,
      channels,
    );
  }
  const out = new Float32Array(width * height * channels);
  gatherColumns(rows, -top, out, vertical, width * channels);
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
  const top = vertical.first[0];
  const bottom = lastInput(vertical);
  const rows = new Float32Array((bottom - top) * stride);
  scatterColumns(image.data, rows, -top, vertical, stride);
  const out = new Float32Array(width * height * channels);
  for (let y = top; y < bottom; y++) {
    scatterRow(rows, (y - top) * stride, out, y * width * channels, horizontal, channels);
  }
  return { width, height, channels, data: out };
}

/** The weights of Pillow's `precompute_coeffs`: centre (i + 0.5) * scale, support kernel * max(scale, 1). */
function planAxis(
  input: number,
  start: number,
  extent: number,
  output: number,
  kernel: ResampleKernel,
): AxisPlan {
  if (!(extent > 0) || start < 0 || start + extent > input + 1e-9) {
    throw new RangeError(`box ${start}..${start + extent} does not lie within 0..${input}`);
  }
  const { support: radius, weight } = kernels[kernel];
  const scale = extent / output;
  const stretch = Math.max(scale, 1);
  const support = radius * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(output);
  const length = new Int32Array(output);
  const weights = new Float32Array(output * taps);
  for (let i = 0; i < output; i++) {
    const centre = start + (i + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const to = Math.min(input, Math.trunc(centre + support + 0.5));
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

function lastInput(axis: AxisPlan): number {
  return axis.first[axis.output - 1] + axis.length[axis.output - 1];
}

function gatherRow(
  source: Float32Array,
  from: number,
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
      let at = from + first[i] * 3;
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
  for (let i = 0; i < output; i++) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let k = 0; k < length[i]; k++)
        sum += weights[i * taps + k] * source[from + (first[i] + k) * channels + c];
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
