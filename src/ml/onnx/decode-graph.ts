import { Failure } from '../../shared/failure.ts';
import type { Attribute, OnnxGraph, OnnxNode, OnnxTensor, ValueInfo } from './graph.ts';
import { elementCount } from './graph.ts';
import type {
  AttributeMessage,
  GraphMessage,
  ModelMessage,
  TensorMessage,
  ValueInfoMessage,
} from './schema.ts';
import { AttributeKind, ElementType, bytesPerElement, elementTypeName, schema } from './schema.ts';

/**
 * The main graph of a decoded model as plain data. External tensors must have been read in before.
 * Throws Failure `model-unreadable` where the file contradicts itself (sizes, missing names).
 */
export function decodeGraph(model: ModelMessage, subject: string): OnnxGraph {
  const graph: GraphMessage | null | undefined = model.graph;
  if (!graph) throw unreadable('the file holds no graph', subject);
  const opsets = new Map(model.opsetImport.map((set) => [set.domain ?? '', toNumber(set.version)]));
  const opset = opsets.get('') ?? opsets.get('ai.onnx');
  if (opset === undefined) throw unreadable('the file names no version of the standard operators', subject);
  const initializers = new Map<string, OnnxTensor>();
  for (const message of graph.initializer ?? []) {
    const name = message.name ?? '';
    if (name === '') throw unreadable('a weight tensor has no name', subject);
    if (initializers.has(name)) throw unreadable(`two weight tensors are called "${name}"`, subject);
    initializers.set(name, decodeTensor(message, `weight "${name}"`, subject));
  }
  return {
    opset,
    otherDomains: new Map([...opsets].filter(([domain]) => domain !== '' && domain !== 'ai.onnx')),
    // Files before IR 4 list every weight among the inputs as well.
    inputs: (graph.input ?? []).map(decodeValueInfo).filter((info) => !initializers.has(info.name)),
    outputs: (graph.output ?? []).map(decodeValueInfo),
    nodes: (graph.node ?? []).map((message) => ({
      name: message.name ?? '',
      op: message.opType ?? '',
      domain: message.domain === 'ai.onnx' ? '' : (message.domain ?? ''),
      inputs: message.input ?? [],
      outputs: message.output ?? [],
      attributes: new Map(
        (message.attribute ?? []).map((attribute) => [
          attribute.name ?? '',
          decodeAttribute(attribute, message.opType ?? '', subject),
        ]),
      ),
    })) satisfies OnnxNode[],
    initializers,
  };
}

/** Tensor bytes with their size checked against the shape. */
export function decodeTensor(message: TensorMessage, what: string, subject: string): OnnxTensor {
  const type = message.dataType ?? 0;
  const dims = (message.dims ?? []).map(toNumber);
  const size = bytesPerElement(type);
  if (size === undefined) {
    throw new Failure('model-unsupported', `${subject}: ${what} has element type ${elementTypeName(type)}`, {
      subject,
      hint: 'export the model in float32',
    });
  }
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
    throw unreadable(`${what} has an impossible shape [${dims.join(', ')}]`, subject);
  }
  const raw = message.rawData?.length ? message.rawData : packTyped(message, type);
  if (raw.length !== elementCount(dims) * size) {
    throw unreadable(
      `${what} has shape [${dims.join(', ')}] (${elementCount(dims) * size} bytes), but ${raw.length} bytes are stored`,
      subject,
    );
  }
  return { type, dims, raw };
}

/** Small tensors are often stored in typed fields; all become little-endian bytes. */
function packTyped(message: TensorMessage, type: number): Uint8Array {
  switch (type) {
    case ElementType.float32:
      return view(Float32Array.from(message.floatData ?? []));
    case ElementType.float64:
      return view(Float64Array.from(message.doubleData ?? []));
    case ElementType.int64:
      return view(BigInt64Array.from(message.int64Data ?? [], (value) => BigInt(String(value))));
    case ElementType.uint64:
      return view(BigUint64Array.from(message.uint64Data ?? [], (value) => BigInt(String(value))));
    case ElementType.uint32:
      return view(Uint32Array.from(message.uint64Data ?? [], toNumber));
    case ElementType.int32:
      return view(Int32Array.from(message.int32Data ?? []));
    case ElementType.float16:
    case ElementType.bfloat16:
    case ElementType.uint16:
    case ElementType.int16:
      return view(Uint16Array.from(message.int32Data ?? []));
    default:
      return Uint8Array.from(message.int32Data ?? []);
  }
}

function view(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function decodeValueInfo(message: ValueInfoMessage): ValueInfo {
  const tensor = message.type?.tensorType;
  return {
    name: message.name ?? '',
    type: tensor?.elemType ?? 0,
    dims: tensor?.shape?.dim?.map((dim) =>
      dim.dimValue === null || dim.dimValue === undefined || toNumber(dim.dimValue) <= 0
        ? (dim.dimParam ?? '')
        : toNumber(dim.dimValue),
    ),
  };
}

function decodeAttribute(message: AttributeMessage, op: string, subject: string): Attribute {
  switch (attributeKind(message)) {
    case AttributeKind.int:
      return { kind: 'int', value: toNumber(message.i ?? 0) };
    case AttributeKind.ints:
      return { kind: 'ints', value: (message.ints ?? []).map(toNumber) };
    case AttributeKind.float:
      return { kind: 'float', value: message.f ?? 0 };
    case AttributeKind.floats:
      return { kind: 'floats', value: message.floats ?? [] };
    case AttributeKind.string:
      return { kind: 'string', value: Buffer.from(message.s ?? []).toString('utf8') };
    case AttributeKind.tensor:
      if (message.t)
        return { kind: 'tensor', value: decodeTensor(message.t, `a constant of ${op}`, subject) };
      return { kind: 'opaque' };
    default:
      return { kind: 'opaque' };
  }
}

function attributeKind(message: AttributeMessage): number {
  const declared: number = message.type ?? schema.AttributeProto.AttributeType.UNDEFINED;
  if (declared !== 0) return declared;
  // Files of IR version 1 leave the kind out; the filled field tells it.
  if (message.ints?.length) return AttributeKind.ints;
  if (message.floats?.length) return AttributeKind.floats;
  if (message.s?.length) return AttributeKind.string;
  if (message.t) return AttributeKind.tensor;
  return message.f ? AttributeKind.float : AttributeKind.int;
}

/** Protobuf's 64-bit integers arrive as objects; sizes beyond 2^53 do not occur in a valid model. */
function toNumber(value: unknown): number {
  return value === null || value === undefined ? 0 : Number(value);
}

function unreadable(message: string, subject: string): Failure {
  return new Failure('model-unreadable', `${subject}: ${message}`, {
    subject,
    hint: 'export the model again; the file is damaged or was written by a faulty tool',
  });
}
