import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { ConsumerPipeline } from '../imaging/pipelines.ts';
import type { FloatImage } from '../imaging/plane.ts';
import type { Classifier } from '../models/classifier.ts';
import { logProbability } from '../models/losses.ts';
import { tf } from '../runtime/tensorflow.ts';
import { ConsumerView } from './consumer-view.ts';
import type { Disturbance } from './disturbance.ts';
import { answerOf, logProbabilityOf, meanPlusVariance, meanPlusVarianceDerivative } from './objective.ts';
import type { QueryCount } from './query-count.ts';
import type { Score } from './search/problem.ts';
import type { WorkImage } from './work-image.ts';

/**
 * The surrogates' eyes on one image: what each of them answers to a work-resolution image through the consumer
 * pipelines. Counts every query.
 */
export class Scene {
  readonly count: QueryCount = { forwards: 0, gradients: 0 };
  readonly host: FloatImage;
  readonly #surrogates: readonly Classifier[];
  readonly #references: readonly number[];
  /** Views by pipeline, then by surrogate. */
  readonly #views: readonly (readonly ConsumerView[])[];

  private constructor(
    host: FloatImage,
    surrogates: readonly Classifier[],
    references: readonly number[],
    views: readonly (readonly ConsumerView[])[],
  ) {
    this.host = host;
    this.#surrogates = surrogates;
    this.#references = references;
    this.#views = views;
  }

  /** `label` null takes each surrogate's own answer to the clean image (one forward each) as its reference class. */
  static async create(
    work: WorkImage,
    surrogates: readonly Classifier[],
    pipelines: readonly ConsumerPipeline[],
    label: number | null,
  ): Promise<Scene> {
    const views = pipelines.map((pipeline) =>
      surrogates.map(
        ({ spec }) =>
          new ConsumerView(pipeline, work.image, work.fieldOfView, spec.inputWidth, spec.inputHeight),
      ),
    );
    const references: number[] = [];
    let forwards = 0;
    for (const [k, surrogate] of surrogates.entries()) {
      if (label !== null) references.push(label);
      else {
        const input = await views[0][k].render(work.image);
        const logits = await logitsOf(surrogate, [input]);
        references.push(answerOf(logits, 0, surrogate.spec.classes));
        forwards++;
      }
    }
    const scene = new Scene(work.image, surrogates, references, views);
    scene.count.forwards = forwards;
    return scene;
  }

  get surrogateCount(): number {
    return this.#surrogates.length;
  }

  get pipelineCount(): number {
    return this.#views.length;
  }

  reference(surrogate: number): number {
    return this.#references[surrogate];
  }

  /** Scores images through the given pipelines (indices), averaging f_k over them; one forward a surrogate, image and pipeline. */
  async score(images: readonly FloatImage[], pipelines: readonly number[]): Promise<Score[]> {
    const inputs = await Promise.all(
      pipelines.map((pipeline) =>
        Promise.all(
          this.#views[pipeline].map((view) => Promise.all(images.map((image) => view.render(image)))),
        ),
      ),
    );
    return this.#scoreInputs(inputs, images.length);
  }

  /** View of a pipeline for a surrogate, for callers that render inputs themselves. */
  view(pipeline: number, surrogate: number): ConsumerView {
    return this.#views[pipeline][surrogate];
  }

  /** Scores ready inputs of one pipeline, by surrogate, then by image. */
  async scoreInputs(inputs: readonly (readonly FloatImage[])[]): Promise<Score[]> {
    return this.#scoreInputs([inputs], inputs[0].length);
  }

  async #scoreInputs(
    inputs: readonly (readonly (readonly FloatImage[])[])[],
    images: number,
  ): Promise<Score[]> {
    const values = Array.from({ length: images }, () => new Array<number>(this.#surrogates.length).fill(0));
    const flipped = new Array<boolean>(images).fill(true);
    for (const bySurrogate of inputs) {
      for (const [k, surrogate] of this.#surrogates.entries()) {
        const { classes } = surrogate.spec;
        const logits = await logitsOf(surrogate, bySurrogate[k]);
        this.count.forwards += images;
        for (let i = 0; i < images; i++) {
          const offset = i * classes;
          values[i][k] += logProbabilityOf(logits, offset, classes, this.#references[k]) / inputs.length;
          if (answerOf(logits, offset, classes) === this.#references[k]) flipped[i] = false;
        }
      }
    }
    return values.map((row, i) => ({ objective: meanPlusVariance(row), flipped: flipped[i] }));
  }

  /**
   * Objective and its derivative with respect to the work image, averaged over disturbances; one gradient a
   * surrogate and disturbance. Each f_k is averaged over the disturbances before mean and variance are taken.
   */
  async gradient(
    image: FloatImage,
    disturbances: readonly Disturbance[],
  ): Promise<{ objective: number; gradient: Float32Array }> {
    const values: number[] = [];
    const gradients: Float32Array[] = [];
    for (const [k, surrogate] of this.#surrogates.entries()) {
      const inputs = await Promise.all(
        disturbances.map((disturbance) =>
          this.#views[disturbance.pipeline][k].renderDisturbed(image, disturbance),
        ),
      );
      const references = disturbances.map(() => this.#references[k]);
      const result = await this.#inputGradient(surrogate, inputs, references);
      const total = new Float32Array(image.data.length);
      disturbances.forEach((disturbance, i) => {
        const size = inputs[i].data.length;
        const part: FloatImage = { ...inputs[i], data: result.gradient.subarray(i * size, (i + 1) * size) };
        this.#views[disturbance.pipeline][k].pullBack(part, disturbance, total);
      });
      for (let i = 0; i < total.length; i++) total[i] /= disturbances.length;
      values.push(result.losses.reduce((sum, value) => sum + value, 0) / disturbances.length);
      gradients.push(total);
    }
    const weights = meanPlusVarianceDerivative(values);
    const gradient = new Float32Array(image.data.length);
    gradients.forEach((part, k) => {
      for (let i = 0; i < gradient.length; i++) gradient[i] += weights[k] * part[i];
    });
    return { objective: meanPlusVariance(values), gradient };
  }

  async #inputGradient(
    surrogate: Classifier,
    inputs: readonly FloatImage[],
    references: readonly number[],
  ): Promise<{ losses: number[]; gradient: Float32Array }> {
    const x = stack(inputs);
    try {
      const result = await surrogate.inputGradient(x, logProbability(references, surrogate.spec.classes));
      this.count.gradients += inputs.length;
      const losses = Array.from(await result.loss.data());
      const gradient = Float32Array.from(await result.gradient.data());
      disposeAll(result.loss, result.logits, result.gradient);
      return { losses, gradient };
    } finally {
      x.dispose();
    }
  }
}

async function logitsOf(classifier: Classifier, inputs: readonly FloatImage[]): Promise<Float32Array> {
  const x = stack(inputs);
  try {
    const logits = await classifier.logits(x);
    const values = Float32Array.from(await logits.data());
    logits.dispose();
    return values;
  } finally {
    x.dispose();
  }
}

function stack(inputs: readonly FloatImage[]): Tensor4D {
  const { width, height, channels } = inputs[0];
  const size = width * height * channels;
  const data = new Float32Array(inputs.length * size);
  inputs.forEach((input, i) => data.set(input.data, i * size));
  return tf.tensor4d(data, [inputs.length, height, width, channels]);
}

function disposeAll(...tensors: readonly Tensor[]): void {
  for (const tensor of tensors) tensor.dispose();
}
