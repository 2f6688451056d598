/** A tensor of a PyTorch state dictionary: row-major, channels first. */
export interface StateTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Convolution kernel [out, in, rows, columns] to [rows, columns, in, out]. */
export function toHwio({ shape, values }: StateTensor): Float32Array {
  const [outputs, inputs, rows, columns] = shape;
  const places = rows * columns;
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let place = 0; place < places; place++) {
        result[(place * inputs + i) * outputs + o] = values[(o * inputs + i) * places + place];
      }
    }
  }
  return result;
}

/** Depthwise kernel [channels * m, 1, rows, columns] to [rows, columns, channels, m]. */
export function toDepthwise({ shape, values }: StateTensor): Float32Array {
  const [outputs, , rows, columns] = shape;
  const places = rows * columns;
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let place = 0; place < places; place++) result[place * outputs + o] = values[o * places + place];
  }
  return result;
}

/** Linear weight [out, in] to [in, out]. */
export function linearToKernel({ shape, values }: StateTensor): Float32Array {
  const [outputs, inputs] = shape;
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) result[i * outputs + o] = values[o * inputs + i];
  }
  return result;
}

/** Reorders the inputs of a linear weight from a flattened [channels, rows, columns] to [rows, columns, channels]. */
export function flattenToChannelsLast(
  { shape, values }: StateTensor,
  [rows, columns, channels]: readonly number[],
): StateTensor {
  const [outputs, inputs] = shape;
  const places = rows * columns;
  const result = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < channels; c++) {
      for (let place = 0; place < places; place++) {
        result[o * inputs + place * channels + c] = values[o * inputs + c * places + place];
      }
    }
  }
  return { shape, values: result };
}
