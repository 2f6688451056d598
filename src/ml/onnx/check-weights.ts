import { Failure } from '../../shared/failure.ts';
import type { OnnxGraph, OnnxTensor } from './graph.ts';
import { elementCount } from './graph.ts';
import { constantValue } from './modernise.ts';
import { ElementType } from './schema.ts';
import { floatValues } from './tensor-values.ts';

/** Throws Failure `model-not-finite` naming the first weight tensor that holds NaN or infinity. */
export function checkFinite(graph: OnnxGraph, subject: string): void {
  for (const [name, tensor] of storedTensors(graph)) {
    if (isFinite(tensor)) continue;
    throw new Failure('model-not-finite', `${subject}: weight "${name}" holds values that are not finite`, {
      subject,
      hint: 'the training diverged or the file is damaged; use another checkpoint',
    });
  }
}

/** Number of floating-point weights. */
export function countParameters(graph: OnnxGraph): number {
  const floats: readonly number[] = [
    ElementType.float32,
    ElementType.float16,
    ElementType.float64,
    ElementType.bfloat16,
  ];
  return storedTensors(graph)
    .filter(([, tensor]) => floats.includes(tensor.type))
    .reduce((sum, [, tensor]) => sum + elementCount(tensor.dims), 0);
}

function storedTensors(graph: OnnxGraph): [string, OnnxTensor][] {
  const constants = graph.nodes.flatMap((node): [string, OnnxTensor][] => {
    const value = constantValue(node);
    return value === undefined ? [] : [[node.outputs[0] ?? node.name, value]];
  });
  return [...graph.initializers, ...constants];
}

function isFinite(tensor: OnnxTensor): boolean {
  switch (tensor.type) {
    case ElementType.float32: {
      const values = floatValues(tensor);
      for (let index = 0; index < values.length; index += 1) {
        if (!Number.isFinite(values[index])) return false;
      }
      return true;
    }
    case ElementType.float64: {
      const copy = new Uint8Array(tensor.raw);
      return new Float64Array(copy.buffer).every(Number.isFinite);
    }
    // The exponent of all ones stands for NaN and infinity.
    case ElementType.float16:
      return exponentBelowLimit(tensor.raw, 0x7c);
    case ElementType.bfloat16:
      return exponentBelowLimit(tensor.raw, 0x7f80 >> 8, 0x80);
    default:
      return true;
  }
}

function exponentBelowLimit(raw: Uint8Array, highBits: number, lowBits = 0): boolean {
  for (let index = 1; index < raw.length; index += 2) {
    const high = ((raw[index] ?? 0) & highBits) === highBits;
    const low = ((raw[index - 1] ?? 0) & lowBits) === lowBits;
    if (high && low) return false;
  }
  return true;
}
