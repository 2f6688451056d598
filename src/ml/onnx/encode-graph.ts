import type { Attribute, OnnxGraph, OnnxTensor, ValueInfo } from './graph.ts';
import type { AttributeMessage, TensorMessage, ValueInfoMessage } from './schema.ts';
import { AttributeKind, schema } from './schema.ts';

/** The graph as the bytes of an ONNX file (IR version 8, weights inside). Opaque attributes cannot be written. */
export function encodeGraph(graph: OnnxGraph, producer = 'medlocker'): Uint8Array {
  const message = schema.ModelProto.fromObject({ irVersion: 8, producerName: producer });
  message.opsetImport = [
    schema.OperatorSetIdProto.create({ domain: '', version: graph.opset }),
    ...[...graph.otherDomains].map(([domain, version]) =>
      schema.OperatorSetIdProto.create({ domain, version }),
    ),
  ];
  message.graph = schema.GraphProto.create({
    name: 'graph',
    node: graph.nodes.map((node) => ({
      name: node.name,
      opType: node.op,
      domain: node.domain,
      input: [...node.inputs],
      output: [...node.outputs],
      attribute: [...node.attributes].map(([name, value]) => encodeAttribute(name, value, node.op)),
    })),
    initializer: [...graph.initializers].map(([name, tensor]) => ({ name, ...encodeTensor(tensor) })),
    input: graph.inputs.map(encodeValueInfo),
    output: graph.outputs.map(encodeValueInfo),
    valueInfo: (graph.valueInfos ?? []).map(encodeValueInfo),
  });
  return schema.ModelProto.encode(message).finish();
}

function encodeTensor(tensor: OnnxTensor): TensorMessage {
  return { dataType: tensor.type, dims: [...tensor.dims], rawData: tensor.raw };
}

function encodeValueInfo(info: ValueInfo): ValueInfoMessage {
  const dim = info.dims?.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return {
    name: info.name,
    type: { tensorType: { elemType: info.type, ...(dim ? { shape: { dim } } : {}) } },
  };
}

function encodeAttribute(name: string, attribute: Attribute, op: string): AttributeMessage {
  switch (attribute.kind) {
    case 'int':
      return { name, type: AttributeKind.int, i: clampInteger(attribute.value) };
    case 'ints':
      return { name, type: AttributeKind.ints, ints: attribute.value.map(clampInteger) };
    case 'float':
      return { name, type: AttributeKind.float, f: attribute.value };
    case 'floats':
      return { name, type: AttributeKind.floats, floats: [...attribute.value] };
    case 'string':
      return { name, type: AttributeKind.string, s: Buffer.from(attribute.value, 'utf8') };
    case 'tensor':
      return { name, type: AttributeKind.tensor, t: encodeTensor(attribute.value) };
    case 'opaque':
      throw new TypeError(`attribute ${name} of ${op} cannot be written`);
  }
}

/** The largest double below 2^63: "to the end" survives, and does not wrap round to a negative number. */
function clampInteger(value: number): number {
  return Math.max(-(2 ** 63), Math.min(value, 2 ** 63 - 1024));
}
