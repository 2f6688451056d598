import { createRequire } from 'node:module';
import type { onnx as OnnxNamespace } from 'onnx-proto';

type OnnxSchema = typeof OnnxNamespace;
export type ModelMessage = OnnxNamespace.ModelProto;
export type GraphMessage = OnnxNamespace.IGraphProto;
export type TensorMessage = OnnxNamespace.ITensorProto;
export type AttributeMessage = OnnxNamespace.IAttributeProto;
export type ValueInfoMessage = OnnxNamespace.IValueInfoProto;

const loaded = createRequire(import.meta.url)('onnx-proto') as { onnx: OnnxSchema };

/** The ONNX protobuf schema (IR version 8) as message classes; newer fields are skipped when a file is read. */
export const schema: OnnxSchema = loaded.onnx;

/** TensorProto.DataType of the ONNX standard. */
export const ElementType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
} as const;

const BYTES: Readonly<Record<number, number>> = {
  1: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  14: 8,
  15: 16,
  16: 2,
};

/** Bytes of one element, or undefined for types without a fixed size (strings, sub-byte and later types). */
export function bytesPerElement(type: number): number | undefined {
  return BYTES[type];
}

/** Readable name of an element type, for messages. */
export function elementTypeName(type: number): string {
  const found = Object.entries(ElementType).find(([, code]) => code === type);
  return found ? found[0] : `type ${type}`;
}

/** AttributeProto.AttributeType of the ONNX standard. */
export const AttributeKind = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
} as const;
