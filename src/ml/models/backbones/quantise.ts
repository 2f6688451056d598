/** Numbers as codes: value = code * scale + min, the form TensorFlow.js stores quantised weights in. */
export interface Quantised {
  readonly codes: Uint8Array;
  readonly scale: number;
  readonly min: number;
}

/**
 * The nearest of `levels` (2..256) evenly spaced values from the smallest to the largest; 0 is one of them when it lies between,
 * so that what is exactly zero stays so. The error is at most half a step.
 */
export function quantise(values: Float32Array, levels: number): Quantised {
  if (!Number.isInteger(levels) || levels < 2 || levels > 256)
    throw new RangeError(`levels must be 2..256, got ${levels}`);
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new RangeError('values must be finite');
  const zeroInside = low < 0 && high > 0;
  // One level fewer leaves room for moving the grid onto zero.
  const steps = zeroInside ? Math.max(1, levels - 2) : levels - 1;
  const scale = high === low ? 1 : (high - low) / steps;
  const min = zeroInside ? Math.floor(low / scale) * scale : low;
  const codes = Uint8Array.from(values, (value) => Math.round((value - min) / scale));
  return { codes, scale, min };
}
