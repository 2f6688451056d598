import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../shared/failure.ts';
import { preprocessingSchema, type Preprocessing, type PreprocessingInput } from '../onnx/preprocessing.ts';
import { startTensorFlow, tf } from '../runtime/tensorflow.ts';
import type { ClassifierSpec, ExplainableClassifier, InputGradient, LogitLoss } from './classifier.ts';
import { fuseInference } from './fused-inference.ts';
import { tapLastFeatures } from './tfjs-features.ts';
import { readTfjsFiles, type TfjsFiles } from './tfjs-files.ts';
import { exposeLogits } from './tfjs-head.ts';

export interface TfjsClassifierOptions {
  /**
   * `tensorflow` (default) needs libtensorflow; `javascript` runs everywhere and is a hundred times slower, for tiny
   * models and tests.
   */
  readonly engine?: 'tensorflow' | 'javascript';
  /** Threads of libtensorflow; heeded by the first model of a process. */
  readonly threads?: number | undefined;
  /** Side in pixels to use where the model leaves its input size open. */
  readonly inputSize?: number;
  /** What to do to the values before the model sees them; nothing when left out. */
  readonly preprocessing?: PreprocessingInput | undefined;
}

export interface TfjsClassifier extends ExplainableClassifier {
  /** What was changed or should be known about the model, for people. */
  readonly notes: readonly string[];
}

const DEFAULT_SIDE = 224;

/**
 * Opens a TensorFlow.js layers model (model.json and shards) as a grader. It must take one RGB image batch in [0, 1],
 * NHWC, and put out one row of class scores; a softmax at its end is taken off (`notes`).
 * Throws Failure `model-unreadable`, `model-unsupported`, `model-not-finite` or `runtime-missing`.
 */
export async function openTfjsClassifier(
  path: string,
  options: TfjsClassifierOptions = {},
): Promise<TfjsClassifier> {
  const device = await startEngine(options);
  const files = await readTfjsFiles(path);
  const notes = exposeLogits(files.topology, path);
  const model = await buildModel(files, path);
  try {
    const [inputHeight, inputWidth] = checkInput(model, path, options.inputSize ?? DEFAULT_SIDE);
    const classes = checkOutput(model, path);
    dryRun(model, [inputHeight, inputWidth, classes], path);
    const { sha256: id, name } = files;
    const preprocessing = preprocessingSchema.parse(options.preprocessing ?? {});
    return overModel(
      model,
      { id, name, kind: 'tfjs', inputHeight, inputWidth, classes, device },
      { notes, preprocessing },
    );
  } catch (cause) {
    model.dispose();
    throw cause;
  }
}

/** A model already in memory as a grader; `dispose` disposes the model. Its shapes are the caller's promise. */
export function overModel(
  model: LayersModel,
  spec: ClassifierSpec,
  { notes = [], preprocessing }: { notes?: readonly string[]; preprocessing?: Preprocessing } = {},
): TfjsClassifier {
  const run = (x: Tensor4D): Tensor2D =>
    model.apply(prepared(x, preprocessing), { training: false }) as Tensor2D;
  const answers = fuseInference(model);
  return {
    spec,
    notes,
    logits: (x) =>
      promise(() => tf.tidy(() => answers(prepared(checkBatch(x, spec), preprocessing)) as Tensor2D)),
    inputGradient: (x, loss) => promise(() => inputGradient(run, checkBatch(x, spec), loss)),
    gradCam: (x, classes) => promise(() => gradCam(model, run, checkBatch(x, spec), classes, spec)),
    dispose: () => void model.dispose(),
  };
}

/** The values as the model was trained on them: channels in its order, less the mean, divided by the deviation. */
function prepared(x: Tensor4D, preprocessing: Preprocessing | undefined): Tensor4D {
  if (preprocessing === undefined) return x;
  const { mean, std, channels } = preprocessing;
  const plain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const scaled = plain ? x : tf.div<Tensor4D>(tf.sub(x, mean), std);
  return channels === 'bgr' ? tf.reverse(scaled, 3) : scaled;
}

/** TensorFlow.js computes at once; a failure still becomes a rejection. */
function promise<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(compute());
  });
}

function inputGradient(run: (x: Tensor4D) => Tensor2D, x: Tensor4D, loss: LogitLoss): InputGradient {
  return tf.tidy(() => {
    let seen: { loss: Tensor1D; logits: Tensor2D } | undefined;
    // The loss enters the tape as one operation with the derivative it states itself.
    const total = tf.customGrad((...inputs) => {
      const [logits, save] = inputs as unknown as [Tensor2D, (tensors: Tensor[]) => void];
      const { value, derivative } = loss.evaluate(logits);
      seen = { loss: tf.keep(value.clone()), logits: tf.keep(logits.clone()) };
      save([derivative]);
      return {
        value: tf.sum(value),
        gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, saved[0]),
      };
    });
    const gradient = tf.grad((input) => total(run(input as Tensor4D)))(x) as Tensor4D;
    if (seen === undefined) throw new Error('the loss was not evaluated');
    // Ownership passes to the caller through tidy's result, so the marks of `keep` come off.
    return { ...release(seen), gradient };
  });
}

/** Hands kept tensors back to the surrounding tidy. */
function release(kept: { loss: Tensor1D; logits: Tensor2D }): { loss: Tensor1D; logits: Tensor2D } {
  const released = { loss: kept.loss.clone(), logits: kept.logits.clone() };
  tf.dispose(kept);
  return released;
}

function gradCam(
  model: LayersModel,
  run: (x: Tensor4D) => Tensor2D,
  x: Tensor4D,
  classes: readonly number[],
  spec: ClassifierSpec,
): Tensor3D {
  if (classes.length !== x.shape[0])
    throw new RangeError(`${classes.length} classes for ${x.shape[0]} images`);
  if (classes.some((index) => !Number.isInteger(index) || index < 0 || index >= spec.classes)) {
    throw new RangeError(`classes must be integers from 0 to ${spec.classes - 1}`);
  }
  return tf.tidy(() => {
    const oneHot = tf.oneHot(tf.tensor1d([...classes], 'int32'), spec.classes).toFloat();
    const { features, gradient } = tapLastFeatures(
      model,
      () => tf.sum<Scalar>(tf.mul(run(x), oneHot)),
      spec.name,
    );
    const weights = tf.mean(gradient, [1, 2], true);
    return tf.relu<Tensor3D>(tf.sum(tf.mul(weights, features), -1));
  });
}

function checkBatch(x: Tensor4D, spec: ClassifierSpec): Tensor4D {
  const { inputHeight, inputWidth } = spec;
  if (x.rank !== 4 || x.shape[1] !== inputHeight || x.shape[2] !== inputWidth || x.shape[3] !== 3) {
    throw new RangeError(
      `${spec.name} takes [batch, ${inputHeight}, ${inputWidth}, 3], got [${x.shape.join(', ')}]`,
    );
  }
  return x;
}

async function startEngine(options: TfjsClassifierOptions): Promise<string> {
  if (options.engine === 'javascript') {
    await tf.setBackend('cpu');
    return `tensorflow.js ${tf.version_core}, JavaScript`;
  }
  const runtime = await startTensorFlow({ threads: options.threads });
  return `tensorflow.js ${runtime.version} on libtensorflow ${runtime.libtensorflow}, ${runtime.device}`;
}

async function buildModel(files: TfjsFiles, path: string): Promise<LayersModel> {
  const { topology: modelTopology, weightSpecs, weightData } = files;
  try {
    return await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  } catch (cause) {
    const reason = firstLine(cause);
    const unknown = /Unknown (?:layer|activation|initializer|regularizer)[: ]+(\w+)/.exec(reason);
    throw new Failure(
      'model-unsupported',
      unknown === null ? `${path}: cannot be built: ${reason}` : `${path}: unknown part "${unknown[1]}"`,
      {
        subject: path,
        hint: 'Save it with Keras 2 (tf_keras) from standard layers, or export it to ONNX.',
        cause,
      },
    );
  }
}

function checkInput(model: LayersModel, path: string, openSide: number): readonly [number, number] {
  const { shape } = model.inputs[0];
  if (model.inputs.length !== 1 || shape.length !== 4 || shape[3] !== 3) {
    throw new Failure(
      'model-unsupported',
      `${path}: takes ${model.inputs.map((input) => describe(input.shape)).join(' and ')}, not one RGB image batch`,
      { subject: path, hint: 'A grader takes [batch, height, width, 3] with values from 0 to 1.' },
    );
  }
  return [shape[1] ?? openSide, shape[2] ?? openSide];
}

function checkOutput(model: LayersModel, path: string): number {
  const { shape } = model.outputs[0];
  const classes = shape[1] ?? 0;
  if (model.outputs.length !== 1 || shape.length !== 2 || classes < 2) {
    throw new Failure(
      'model-unsupported',
      `${path}: puts out ${model.outputs.map((output) => describe(output.shape)).join(' and ')}, not one row of logits`,
      { subject: path, hint: 'A grader has one output, [batch, classes], with at least two classes.' },
    );
  }
  return classes;
}

function describe(shape: readonly (number | null)[]): string {
  return `[${shape.map((side) => side ?? '?').join(', ')}]`;
}

/** Runs the model on two flat images: shapes that only show at run time, non-finite results, and hidden softmaxes. */
function dryRun(model: LayersModel, [height, width, classes]: [number, number, number], path: string): void {
  const values = tf.tidy(() => {
    const x = tf.concat([tf.fill([1, height, width, 3], 0.2), tf.fill([1, height, width, 3], 0.7)]);
    try {
      return (model.apply(x, { training: false }) as Tensor).as2D(2, classes);
    } catch (cause) {
      const reason = firstLine(cause);
      throw new Failure('model-unsupported', `${path}: does not run: ${reason}`, {
        subject: path,
        hint: 'Save the model again with sizes that fit each other.',
        cause,
      });
    }
  });
  const rows = values.arraySync();
  values.dispose();
  if (!rows.flat().every(Number.isFinite)) {
    throw new Failure('model-not-finite', `${path}: answers NaN or infinity for a plain image`, {
      subject: path,
      hint: 'Training of this model has diverged, or the file is damaged.',
    });
  }
  const probable = rows.every((row) => row.every((p) => p >= 0) && Math.abs(sum(row) - 1) < 1e-5);
  if (probable) {
    throw new Failure('model-unsupported', `${path}: puts out probabilities, not logits`, {
      subject: path,
      hint: 'Save the model without its softmax.',
    });
  }
}

function firstLine(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
