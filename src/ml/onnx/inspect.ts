import { basename } from 'node:path';
import type { GradientGap } from './differentiate.ts';
import { loadGrader } from './load-grader.ts';
import type { Preprocessing, PreprocessingInput } from './preprocessing.ts';

/** What a grader file holds, for tables and reports. */
export interface OnnxInspection {
  readonly name: string;
  /** SHA-256 of the file (with its external data), lower-case hex. */
  readonly id: string;
  readonly bytes: number;
  readonly opset: number;
  /** Program that wrote the file, with its version. */
  readonly producer: string;
  readonly input: { readonly name: string; readonly dims: readonly (number | string)[] };
  readonly output: { readonly name: string; readonly dims: readonly (number | string)[] };
  readonly layout: 'NCHW' | 'NHWC';
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly classes: number;
  readonly batch: 'any' | number;
  readonly parameters: number;
  /** How often each operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
  readonly preprocessing: Preprocessing;
  /** What was done to the model beyond reading it, in words. */
  readonly changes: readonly string[];
  /** Without gradients a grader can only judge: it is a victim, never a surrogate. */
  readonly gradients: { readonly supported: boolean; readonly gaps: readonly GradientGap[] };
  /** Rows and columns of the Grad-CAM map, where there is one. */
  readonly gradCam: { readonly rows: number; readonly columns: number } | undefined;
}

/** Reads, checks and runs a grader once, and tells what it is. Throws the Failures of `loadGrader`. */
export async function inspectOnnx(path: string, preprocessing?: PreprocessingInput): Promise<OnnxInspection> {
  const loaded = await loadGrader(path, preprocessing);
  const { graph, contract, gradients, features } = loaded;
  const operators: Record<string, number> = {};
  for (const node of graph.nodes) operators[node.op] = (operators[node.op] ?? 0) + 1;
  const input = graph.inputs.at(0);
  const output = graph.outputs.at(0);
  return {
    name: basename(path).replace(/\.onnx$/i, ''),
    id: loaded.id,
    bytes: loaded.bytes,
    opset: graph.opset,
    producer: loaded.producer,
    input: { name: contract.input, dims: input?.dims ?? [] },
    output: { name: contract.output, dims: output?.dims ?? [] },
    layout: contract.layout,
    inputHeight: contract.height,
    inputWidth: contract.width,
    classes: loaded.classes,
    batch: loaded.anyBatch ? 'any' : (contract.batch ?? 1),
    parameters: loaded.parameters,
    operators,
    preprocessing: loaded.preprocessing,
    changes: loaded.changes,
    gradients: gradients.supported ? { supported: true, gaps: [] } : gradients,
    gradCam: features && gradients.supported ? { rows: features.rows, columns: features.columns } : undefined,
  };
}
