/**
 * What TensorFlow's 'same' padding adds before and after one axis; the odd pixel goes behind. The result has
 * ceil(size / stride) places.
 */
export function samePadding(
  size: number,
  window: number,
  stride: number,
  dilation = 1,
): readonly [number, number] {
  const reach = (window - 1) * dilation + 1;
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** ONNX `pads` [top, left, bottom, right] of a window operation over rows and columns. */
export function windowPads(
  padding: unknown,
  [rows, columns]: readonly [number, number],
  window: readonly [number, number],
  strides: readonly [number, number],
  dilations: readonly [number, number] = [1, 1],
): readonly [number, number, number, number] {
  if (padding !== 'same') return [0, 0, 0, 0];
  const [top, bottom] = samePadding(rows, window[0], strides[0], dilations[0]);
  const [left, right] = samePadding(columns, window[1], strides[1], dilations[1]);
  return [top, left, bottom, right];
}
