import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelMessage } from './schema.ts';
import { schema } from './schema.ts';

/** What one run with a given batch showed. */
export interface Run {
  readonly batch: number;
  /** Sizes of every tensor that came out of a node, by name. */
  readonly sizes: Readonly<Record<string, readonly number[]>>;
  /** Values of the integer operands that were asked for. */
  readonly integers: Readonly<Record<string, readonly number[]>>;
  /** Values of the model's output. */
  readonly output: readonly number[];
  readonly outputSizes: readonly number[];
}

export interface ObservationRequest {
  /** Input sizes; the first is replaced by each batch. */
  readonly inputName: string;
  readonly inputSizes: readonly number[];
  readonly batches: readonly number[];
  /** Whether to look at every tensor (needed for a gradient graph) or at the output alone. */
  readonly everyTensor: boolean;
  /** Names of integer operands whose values are wanted. */
  readonly integers: readonly string[];
}

const SIZE_PREFIX = 'ml/size/';

type Ort = typeof import('onnxruntime-node');
const ort = createRequire(import.meta.url)('onnxruntime-node') as Ort;

/**
 * Runs the model on deterministic noise and reports the sizes of its tensors, so that no shape inference has to be
 * written: what ONNX Runtime really computes is the reference.
 * A damaged model can crash the runtime natively: run this in a process of its own (`probe.ts`).
 */
export async function observe(model: ModelMessage, request: ObservationRequest): Promise<Run[]> {
  const session = await ort.InferenceSession.create(withSizes(model, request), {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const runs: Run[] = [];
  for (const batch of request.batches) {
    const sizes = [batch, ...request.inputSizes.slice(1)];
    const image = new ort.Tensor('float32', noise(sizes), sizes);
    runs.push(readRun(batch, model, await session.run({ [request.inputName]: image })));
  }
  await session.release();
  return runs;
}

/** The model with a Shape node behind every tensor. */
function withSizes(model: ModelMessage, request: ObservationRequest): Uint8Array {
  const bytes = schema.ModelProto.encode(model).finish();
  if (!request.everyTensor) return bytes;
  const copy = schema.ModelProto.decode(bytes);
  const graph = copy.graph;
  if (!graph) return bytes;
  const outputs = (graph.node ?? []).flatMap((node) => node.output ?? []).filter((name) => name !== '');
  const known = new Set((graph.output ?? []).map((info) => info.name));
  graph.node = [
    ...(graph.node ?? []),
    ...outputs.map((name) => ({ opType: 'Shape', input: [name], output: [SIZE_PREFIX + name] })),
  ];
  graph.output = [
    ...(graph.output ?? []),
    ...outputs.map((name) => ({ name: SIZE_PREFIX + name })),
    // Without a type: the runtime infers it.
    ...request.integers.filter((name) => !known.has(name)).map((name) => ({ name })),
  ];
  return schema.ModelProto.encode(copy).finish();
}

function readRun(batch: number, model: ModelMessage, results: InferenceSession.OnnxValueMapType): Run {
  const sizes: Record<string, readonly number[]> = {};
  const integers: Record<string, readonly number[]> = {};
  const outputName = model.graph?.output?.[0]?.name ?? '';
  let output: readonly number[] = [];
  let outputSizes: readonly number[] = [];
  for (const [name, tensor] of Object.entries(results)) {
    if (name.startsWith(SIZE_PREFIX)) {
      sizes[name.slice(SIZE_PREFIX.length)] = numbers(tensor);
    } else if (name === outputName) {
      output = numbers(tensor);
      outputSizes = tensor.dims;
    } else {
      integers[name] = numbers(tensor);
    }
  }
  return { batch, sizes, integers, output, outputSizes };
}

function numbers(tensor: Tensor): number[] {
  if (tensor.type === 'string') return [];
  return Array.from(tensor.data as Float32Array | BigInt64Array, Number);
}

/** Values in [0, 1] that differ between samples, channels and places (a Weyl sequence). */
function noise(sizes: readonly number[]): Float32Array {
  const values = new Float32Array(sizes.reduce((product, size) => product * size, 1));
  for (let index = 0; index < values.length; index += 1) values[index] = (index * 0.61803398875) % 1;
  return values;
}
