import type { Preprocessing } from '../onnx/preprocessing.ts';

/** How an image batch [batch, height, width, 3] in [0, 1] has to lie and be scaled for a grader. */
export interface ImageLayout {
  readonly layout: 'NCHW' | 'NHWC';
  readonly height: number;
  readonly width: number;
  readonly preprocessing: Pick<Preprocessing, 'mean' | 'std' | 'channels'>;
}

/** Writes `count` images from `source` (starting at image `first`) into the grader's own layout, normalised. */
export function toGrader(
  source: Float32Array,
  first: number,
  count: number,
  target: Float32Array,
  layout: ImageLayout,
): void {
  const plane = layout.height * layout.width;
  const { mean, std, channels } = layout.preprocessing;
  for (let sample = 0; sample < count; sample += 1) {
    const from = (first + sample) * plane * 3;
    const to = sample * plane * 3;
    for (let channel = 0; channel < 3; channel += 1) {
      const wanted = channels === 'bgr' ? 2 - channel : channel;
      const shift = mean[channel] ?? 0;
      const factor = 1 / (std[channel] ?? 1);
      const [start, step] = layout.layout === 'NCHW' ? [to + wanted * plane, 1] : [to + wanted, 3];
      for (let pixel = 0, at = from + channel, out = start; pixel < plane; pixel += 1, at += 3, out += step) {
        target[out] = ((source[at] ?? 0) - shift) * factor;
      }
    }
  }
}

/** The way back for a gradient: the grader's layout to [batch, height, width, 3], divided by the normalisation. */
export function fromGrader(
  source: Float32Array,
  count: number,
  target: Float32Array,
  first: number,
  layout: ImageLayout,
): void {
  const plane = layout.height * layout.width;
  const { std, channels } = layout.preprocessing;
  for (let sample = 0; sample < count; sample += 1) {
    const to = (first + sample) * plane * 3;
    const from = sample * plane * 3;
    for (let channel = 0; channel < 3; channel += 1) {
      const stored = channels === 'bgr' ? 2 - channel : channel;
      const factor = 1 / (std[channel] ?? 1);
      const [start, step] = layout.layout === 'NCHW' ? [from + stored * plane, 1] : [from + stored, 3];
      for (let pixel = 0, at = start, out = to + channel; pixel < plane; pixel += 1, at += step, out += 3) {
        target[out] = (source[at] ?? 0) * factor;
      }
    }
  }
}
