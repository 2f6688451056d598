import { basename } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import { checkFinite, countParameters } from './check-weights.ts';
import { decodeGraph } from './decode-graph.ts';
import { engineReason } from './engine-reason.ts';
import type { DifferentiableGraph, GradientGap } from './differentiate.ts';
import { GapFound, missingRules, pathNodes } from './differentiate.ts';
import type { FeaturePlace } from './feature-place.ts';
import { findFeatures } from './feature-place.ts';
import type { GradientGraphRequest } from './gradient-graph.ts';
import { gradientGraph } from './gradient-graph.ts';
import type { OnnxGraph } from './graph.ts';
import type { GraderContract } from './grader-contract.ts';
import { graderContract } from './grader-contract.ts';
import { modernise } from './modernise.ts';
import type { Run } from './observe.ts';
import { integerOperands } from './operands.ts';
import type { Preprocessing, PreprocessingInput } from './preprocessing.ts';
import { resolvePreprocessing } from './preprocessing.ts';
import { probeModel } from './probe.ts';
import { readModel } from './read-model.ts';
import { schema } from './schema.ts';
import type { Shape } from './shapes.ts';
import { reconcile } from './shapes.ts';
import { stripSoftmaxHead } from './softmax-head.ts';

/** A grader file that was read, checked and run once. */
export interface LoadedGrader {
  readonly path: string;
  readonly id: string;
  readonly bytes: number;
  readonly producer: string;
  readonly graph: OnnxGraph;
  readonly contract: GraderContract;
  readonly preprocessing: Preprocessing;
  readonly classes: number;
  /** Whether any batch size runs, or one sample at a time only. */
  readonly anyBatch: boolean;
  readonly parameters: number;
  /** What the forward session runs: the file's own graph, with external data inside. */
  readonly forward: Uint8Array;
  /** What was done to the model, in words, beyond reading it. */
  readonly changes: readonly string[];
  readonly features: FeaturePlace | undefined;
  readonly gradients:
    | {
        readonly supported: true;
        readonly source: DifferentiableGraph;
        readonly request: GradientGraphRequest;
      }
    | { readonly supported: false; readonly gaps: readonly GradientGap[] };
}

/**
 * Reads an ONNX grader, checks that it is one (one float32 RGB image in, one row of logits out, finite weights), and
 * runs it once in a process of its own. Throws Failure `model-unreadable`, `model-unsupported`, `model-not-finite`
 * or `settings-invalid`.
 */
export async function loadGrader(path: string, option?: PreprocessingInput): Promise<LoadedGrader> {
  const subject = basename(path);
  const file = await readModel(path);
  const preprocessing = await resolvePreprocessing(path, option);
  let graph = decodeGraph(file.message, subject);
  checkFinite(graph, subject);
  const changes: string[] = [];
  if (preprocessing.stripSoftmax) {
    stripSoftmaxHead(file.message, subject);
    graph = decodeGraph(file.message, subject);
    changes.push('the final Softmax was left out; what enters it is taken as the logits');
  }
  const contract = graderContract(graph, preprocessing, subject);
  const forward = schema.ModelProto.encode(file.message).finish();
  const { layout, height, width, batch } = contract;
  const inputSizes = layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const probed = await probeModel(
    forward,
    {
      inputName: contract.input,
      inputSizes,
      batches: batch === undefined ? [1, 2] : [batch],
      everyTensor: true,
      integers: integerOperands(graph),
    },
    subject,
  );
  const classes = checkRuns(probed.runs, probed.refusal, subject);
  const shapes = seenShapes(probed.runs, contract.input, inputSizes);
  const source = differentiable(graph, shapes, probed.runs);
  const features = probed.everyTensor
    ? findFeatures(source.graph, shapes, contract.input, contract.output)
    : undefined;
  return {
    path,
    id: file.id,
    bytes: file.bytes,
    producer: [file.message.producerName, file.message.producerVersion].filter((part) => part).join(' '),
    graph,
    contract,
    preprocessing,
    classes,
    anyBatch: probed.runs.length > 1,
    parameters: countParameters(graph),
    forward,
    changes,
    features,
    gradients: probed.everyTensor
      ? tryGradients(source, { image: contract.input, logits: contract.output, classes, features })
      : {
          supported: false,
          gaps: [{ operator: 'model', reason: probed.refusal ?? 'its inner sizes are not known' }],
        },
  };
}

/** Writes the gradient graph once, to know now rather than later whether it can be written. */
function tryGradients(source: DifferentiableGraph, request: GradientGraphRequest): LoadedGrader['gradients'] {
  const missing = missingRules(pathNodes(source.graph, [request.image], request.logits));
  if (missing.length > 0) return { supported: false, gaps: missing };
  try {
    gradientGraph(source, request);
    return { supported: true, source, request };
  } catch (cause) {
    if (!(cause instanceof GapFound)) throw cause;
    return { supported: false, gaps: cause.gaps };
  }
}

function checkRuns(runs: readonly Run[], refusal: string | undefined, subject: string): number {
  const first = runs.at(0);
  if (first === undefined) {
    throw new Failure(
      'model-unsupported',
      `${subject}: ONNX Runtime refuses it: ${engineReason(refusal ?? '')}`,
      {
        subject,
        hint: 'export the model again with operators of the ONNX standard, opset 9 to 22',
      },
    );
  }
  const classes = first.outputSizes.at(1);
  if (first.outputSizes[0] !== first.batch || classes === undefined || first.outputSizes.length !== 2) {
    const shape = first.outputSizes.join(', ');
    throw new Failure(
      'model-unsupported',
      `${subject}: the output has shape [${shape}], not [batch, classes]`,
      {
        subject,
        hint: 'export the model so that it gives one row of logits for each image',
      },
    );
  }
  if (classes < 2) {
    throw new Failure(
      'model-unsupported',
      `${subject}: the output has one value an image, a grader needs two or more`,
      {
        subject,
        hint: 'export a two-class output: logits 0 and x in place of a sigmoid of x',
      },
    );
  }
  for (const run of runs) checkOutput(run, classes, subject);
  return classes;
}

function checkOutput(run: Run, classes: number, subject: string): void {
  // JSON has no NaN or infinity; they arrive as null.
  if (run.output.some((value) => !Number.isFinite(value))) {
    throw new Failure('model-not-finite', `${subject}: the output is not finite for an ordinary image`, {
      subject,
      hint: 'the training diverged or the file is damaged; use another checkpoint',
    });
  }
  const rows = Array.from({ length: run.batch }, (_, row) =>
    run.output.slice(row * classes, (row + 1) * classes),
  );
  const probabilities = rows.every(
    (row) =>
      row.every((value) => value >= 0 && value <= 1) &&
      Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) < 1e-3,
  );
  if (probabilities) {
    throw new Failure('model-unsupported', `${subject}: the output is probabilities, not logits`, {
      subject,
      hint: 'export the model without its final softmax, or set "stripSoftmax": true in its .medlocker.json',
    });
  }
}

function seenShapes(runs: readonly Run[], image: string, inputSizes: readonly number[]): Map<string, Shape> {
  const first = runs.at(0);
  const second = runs.at(1) ?? first;
  const batch = runs.length > 1 ? { perSample: 1 } : (first?.batch ?? 1);
  const shapes = new Map<string, Shape>([[image, [batch, ...inputSizes.slice(1)]]]);
  for (const [name, sizes] of Object.entries(first?.sizes ?? {})) {
    const shape = reconcile(sizes, second?.sizes[name] ?? sizes);
    if (shape !== undefined) shapes.set(name, shape);
  }
  return shapes;
}

function differentiable(
  graph: OnnxGraph,
  shapes: ReadonlyMap<string, Shape>,
  runs: readonly Run[],
): DifferentiableGraph {
  const first = runs.at(0);
  const second = runs.at(1) ?? first;
  const integers = new Map<string, readonly number[]>();
  for (const [name, values] of Object.entries(first?.integers ?? {})) {
    if (values.join() === second?.integers[name]?.join()) integers.set(name, values);
  }
  return { graph: modernise(graph, (name) => shapes.get(name)), shapes, integers };
}
