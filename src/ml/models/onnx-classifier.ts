import { basename } from 'node:path';
import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { Failure } from '../../shared/failure.ts';
import { encodeGraph } from '../onnx/encode-graph.ts';
import { GRADIENT_NAMES, gradientGraph } from '../onnx/gradient-graph.ts';
import type { LoadedGrader } from '../onnx/load-grader.ts';
import { loadGrader } from '../onnx/load-grader.ts';
import type { PreprocessingInput } from '../onnx/preprocessing.ts';
import type { FloatArray, OnnxSession } from '../onnx/session.ts';
import { ORT_DEVICE, openSession } from '../onnx/session.ts';
import { tf } from '../runtime/tensorflow.ts';
import type { ClassifierSpec, ExplainableClassifier, InputGradient, LogitLoss } from './classifier.ts';
import type { ImageLayout } from './image-layout.ts';
import { fromGrader, toGrader } from './image-layout.ts';

export interface OnnxClassifierOptions {
  /** Threads of one run; ONNX Runtime's own choice (all cores) when left out. */
  readonly threads?: number | undefined;
  /** Overrides the model's `.medlocker.json`. */
  readonly preprocessing?: PreprocessingInput | undefined;
}

/** Samples of one run: larger batches are cut, which keeps memory flat and costs no speed on a CPU. */
const RUN_BATCH = 8;

/**
 * Opens an ONNX grader. The gradient graph is built on the first call that needs it, so a grader that only judges
 * (a victim) never holds it. Throws Failure `model-unreadable`, `model-unsupported` or `model-not-finite`;
 * `inputGradient` and `gradCam` throw `model-unsupported` naming the operators that have no gradient.
 */
export async function openOnnxClassifier(
  path: string,
  options: OnnxClassifierOptions = {},
): Promise<ExplainableClassifier> {
  const loaded = await loadGrader(path, options.preprocessing);
  const forward = await openSession(loaded.forward, basename(path), options.threads);
  return new OnnxClassifier(loaded, forward, options.threads);
}

class OnnxClassifier implements ExplainableClassifier {
  readonly spec: ClassifierSpec;
  readonly #loaded: LoadedGrader;
  readonly #layout: ImageLayout;
  readonly #forward: OnnxSession;
  readonly #threads: number | undefined;
  readonly #subject: string;
  #backward: Promise<OnnxSession> | undefined;
  /** Buffers are reused between runs, so runs follow one another. */
  #queue: Promise<unknown> = Promise.resolve();
  #buffer = new Float32Array(0);
  #disposed = false;
  #verified = false;

  constructor(loaded: LoadedGrader, forward: OnnxSession, threads: number | undefined) {
    const { contract, preprocessing } = loaded;
    this.#loaded = loaded;
    this.#forward = forward;
    this.#threads = threads;
    this.#subject = basename(loaded.path);
    this.#layout = { layout: contract.layout, height: contract.height, width: contract.width, preprocessing };
    this.spec = {
      id: loaded.id,
      name: this.#subject.replace(/\.onnx$/i, ''),
      kind: 'onnx',
      inputHeight: contract.height,
      inputWidth: contract.width,
      classes: loaded.classes,
      device: ORT_DEVICE,
    };
  }

  logits(x: Tensor4D): Promise<Tensor2D> {
    return this.#enqueue(x, async (pixels, batch) => {
      return tf.tensor2d(await this.#runForward(pixels, batch), [batch, this.spec.classes]);
    });
  }

  inputGradient(x: Tensor4D, loss: LogitLoss): Promise<InputGradient> {
    return this.#enqueue(x, async (pixels, batch) => {
      const { classes } = this.spec;
      const shape = [batch, classes] as const;
      if (loss.affine !== undefined) {
        const { scale, offset } = loss.affine;
        if (scale.length !== batch || offset.length !== batch * classes) {
          throw new RangeError(`${loss.name} was made for ${scale.length} samples, got ${batch}`);
        }
        const { logits, gradient } = await this.#runBackward(pixels, batch, scale, offset);
        const scores = tf.tensor2d(logits, [...shape]);
        const { value, derivative } = loss.evaluate(scores);
        derivative.dispose();
        return { loss: value, logits: scores, gradient: tf.tensor4d(gradient, x.shape) };
      }
      const scores = tf.tensor2d(await this.#runForward(pixels, batch), [...shape]);
      const { value, derivative } = loss.evaluate(scores);
      const seed = Float32Array.from(derivative.dataSync());
      derivative.dispose();
      const { gradient } = await this.#runBackward(pixels, batch, new Float32Array(batch), seed);
      return { loss: value, logits: scores, gradient: tf.tensor4d(gradient, x.shape) };
    });
  }

  gradCam(x: Tensor4D, classes: readonly number[]): Promise<Tensor3D> {
    return this.#enqueue(x, async (pixels, batch) => {
      const count = this.spec.classes;
      const { features } = this.#loaded;
      if (features === undefined) {
        throw new Failure('model-unsupported', `${this.#subject}: it has no spatial activation to explain`, {
          subject: this.#subject,
          hint: 'use another surrogate for the Grad-CAM zone',
        });
      }
      if (classes.length !== batch || classes.some((index) => !(index >= 0 && index < count))) {
        throw new RangeError(`Grad-CAM needs one class from 0 to ${count - 1} for each of ${batch} images`);
      }
      const seed = new Float32Array(batch * count);
      for (const [row, index] of classes.entries()) seed[row * count + index] = 1;
      const { cam } = await this.#runBackward(pixels, batch, new Float32Array(batch), seed);
      return tf.tensor3d(cam, [batch, features.rows, features.columns]);
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const backward = this.#backward;
    this.#queue = this.#queue.then(async () => {
      await this.#forward.release();
      const session = await backward?.catch(() => undefined);
      await session?.release();
      this.#buffer = new Float32Array(0);
    });
  }

  /** Pixels are read at once, so that the caller may dispose its tensor right after the call. */
  async #enqueue<T>(x: Tensor4D, work: (pixels: Float32Array, batch: number) => Promise<T>): Promise<T> {
    if (this.#disposed) throw new Error(`${this.#subject} was disposed`);
    const batch = this.#checkInput(x);
    const pixels = pixelsOf(x);
    const result = this.#queue.then(() => work(pixels, batch));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #checkInput(x: Tensor4D): number {
    const [batch, height, width, channels] = x.shape;
    const { inputHeight, inputWidth } = this.spec;
    if (height !== inputHeight || width !== inputWidth || channels !== 3 || batch < 1) {
      throw new RangeError(
        `${this.#subject} takes [batch, ${inputHeight}, ${inputWidth}, 3], got [${x.shape.join(', ')}]`,
      );
    }
    return batch;
  }

  async #runForward(pixels: Float32Array, batch: number): Promise<Float32Array> {
    const { input, output } = this.#loaded.contract;
    const { classes } = this.spec;
    const logits = new Float32Array(batch * classes);
    for (const [first, count] of this.#chunks(batch)) {
      const image = this.#image(pixels, first, count);
      const results = await this.#forward.run({ [input]: image }, [output]);
      logits.set(dataOf(results, output).subarray(0, count * classes), first * classes);
    }
    this.#checkFinite(logits, 'logits');
    return logits;
  }

  async #runBackward(
    pixels: Float32Array,
    batch: number,
    scale: Float32Array,
    offset: Float32Array,
  ): Promise<{ logits: Float32Array; gradient: Float32Array; cam: Float32Array }> {
    const session = await this.#gradientSession();
    const { contract, features } = this.#loaded;
    const { classes } = this.spec;
    const logits = new Float32Array(batch * classes);
    const gradient = new Float32Array(pixels.length);
    const places = features === undefined ? 0 : features.rows * features.columns;
    const cam = new Float32Array(batch * places);
    const fetches = [contract.output, GRADIENT_NAMES.gradient, ...(features ? [GRADIENT_NAMES.cam] : [])];
    for (const [first, count] of this.#chunks(batch)) {
      const image = this.#image(pixels, first, count);
      const size = image.dims[0] ?? count;
      const feeds = {
        [contract.input]: image,
        [GRADIENT_NAMES.scale]: padded(scale, first, count, size, 1),
        [GRADIENT_NAMES.offset]: padded(offset, first, count, size, classes),
      };
      const results = await session.run(feeds, fetches);
      logits.set(dataOf(results, contract.output).subarray(0, count * classes), first * classes);
      if (!this.#verified) await this.#verify(image, dataOf(results, contract.output));
      fromGrader(dataOf(results, GRADIENT_NAMES.gradient), count, gradient, first, this.#layout);
      if (features) cam.set(dataOf(results, GRADIENT_NAMES.cam).subarray(0, count * places), first * places);
    }
    this.#checkFinite(logits, 'logits');
    this.#checkFinite(gradient, 'gradient');
    return { logits, gradient, cam };
  }

  /** The graph for gradients is a rewritten one: its first answer must be that of the file's own graph. */
  async #verify(image: FloatArray, logits: Float32Array): Promise<void> {
    const { input, output } = this.#loaded.contract;
    const expected = dataOf(await this.#forward.run({ [input]: image }, [output]), output);
    const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const worst = expected.reduce(
      (far, value, at) => Math.max(far, Math.abs(value - (logits[at] ?? NaN))),
      0,
    );
    if (!(worst / most < 1e-3)) {
      throw new Failure('model-unsupported', `${this.#subject}: its graph for gradients answers otherwise`, {
        subject: this.#subject,
        hint: 'it can still serve as a victim; please report the model',
      });
    }
    this.#verified = true;
  }

  #gradientSession(): Promise<OnnxSession> {
    this.#backward ??= this.#openBackward();
    return this.#backward;
  }

  #openBackward(): Promise<OnnxSession> {
    const { gradients } = this.#loaded;
    if (gradients.supported) {
      const graph = gradientGraph(gradients.source, gradients.request);
      return openSession(encodeGraph(graph), this.#subject, this.#threads);
    }
    const gap = gradients.gaps.at(0);
    const operators = [...new Set(gradients.gaps.map(({ operator }) => operator))].join(', ');
    return Promise.reject(
      new Failure(
        'model-unsupported',
        `${this.#subject}: no gradient for ${operators} (${gap?.reason ?? 'unknown operator'})`,
        { subject: this.#subject, hint: 'it can still serve as a victim; as a surrogate use another export' },
      ),
    );
  }

  /** Images [first, first + count) in the grader's layout; a fixed batch is filled up with zeros. */
  #image(pixels: Float32Array, first: number, count: number): { data: Float32Array; dims: number[] } {
    const { layout, height, width } = this.#layout;
    const size = this.#loaded.contract.batch ?? count;
    const length = size * height * width * 3;
    if (this.#buffer.length < length) this.#buffer = new Float32Array(length);
    const data = this.#buffer.subarray(0, length);
    toGrader(pixels, first, count, data, this.#layout);
    data.fill(0, count * height * width * 3);
    return { data, dims: layout === 'NCHW' ? [size, 3, height, width] : [size, height, width, 3] };
  }

  *#chunks(batch: number): Generator<[first: number, count: number]> {
    const size = this.#loaded.contract.batch ?? (this.#loaded.anyBatch ? RUN_BATCH : 1);
    for (let first = 0; first < batch; first += size) yield [first, Math.min(size, batch - first)];
  }

  #checkFinite(values: Float32Array, what: string): void {
    for (let index = 0; index < values.length; index += 1) {
      if (Number.isFinite(values[index])) continue;
      throw new Failure('model-not-finite', `${this.#subject}: its ${what} for an image is not finite`, {
        subject: this.#subject,
        hint: 'the model overflows on this image; use another grader',
      });
    }
  }
}

function pixelsOf(x: Tensor4D): Float32Array {
  const data: ArrayLike<number> = x.dataSync();
  return data instanceof Float32Array ? data : Float32Array.from(data);
}

function dataOf(results: Readonly<Record<string, { data: Float32Array }>>, name: string): Float32Array {
  const found = new Map(Object.entries(results)).get(name);
  if (found === undefined) throw new Error(`the session gave no "${name}"`);
  return found.data;
}

function padded(values: Float32Array, first: number, count: number, size: number, width: number) {
  const data = new Float32Array(size * width);
  data.set(values.subarray(first * width, (first + count) * width));
  return { data, dims: [size, width] };
}
