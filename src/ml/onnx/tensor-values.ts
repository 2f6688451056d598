import { Failure } from '../../shared/failure.ts';
import type { OnnxTensor } from './graph.ts';
import { ElementType, elementTypeName } from './schema.ts';

/** A float32 tensor over `values`; the bytes are shared, not copied. */
export function floatTensor(dims: readonly number[], values: Float32Array): OnnxTensor {
  return { type: ElementType.float32, dims, raw: bytesOf(values) };
}

/** An int64 tensor; values beyond the type's range are clamped (exporters write 2^63 - 1 for "to the end"). */
export function intTensor(dims: readonly number[], values: readonly number[]): OnnxTensor {
  const wide = BigInt64Array.from(values, (value) =>
    value >= 2 ** 63 ? 2n ** 63n - 1n : value < -(2 ** 63) ? -(2n ** 63n) : BigInt(value),
  );
  return { type: ElementType.int64, dims, raw: bytesOf(wide) };
}

/** Values of a float32 tensor; shares memory with the file where the alignment allows it. */
export function floatValues(tensor: OnnxTensor): Float32Array {
  if (tensor.type !== ElementType.float32) {
    throw new Failure(
      'model-unsupported',
      `expected float32 weights, found ${elementTypeName(tensor.type)}`,
      {
        hint: 'export the model in float32',
      },
    );
  }
  const { buffer, byteOffset, byteLength } = aligned(tensor.raw, 4);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

/** Values of an int32, int64 or bool tensor as numbers, or undefined for other element types. */
export function integerValues(tensor: OnnxTensor): number[] | undefined {
  switch (tensor.type) {
    case ElementType.int64: {
      const { buffer, byteOffset, byteLength } = aligned(tensor.raw, 8);
      return Array.from(new BigInt64Array(buffer, byteOffset, byteLength / 8), Number);
    }
    case ElementType.int32: {
      const { buffer, byteOffset, byteLength } = aligned(tensor.raw, 4);
      return Array.from(new Int32Array(buffer, byteOffset, byteLength / 4));
    }
    case ElementType.bool:
    case ElementType.uint8:
      return Array.from(tensor.raw);
    default:
      return undefined;
  }
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** Typed arrays need an aligned start, which a tensor inside a protobuf file rarely has. */
function aligned(raw: Uint8Array, size: number): Uint8Array {
  return raw.byteOffset % size === 0 ? raw : new Uint8Array(raw);
}
