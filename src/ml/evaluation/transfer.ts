import type { Tensor4D } from '@tensorflow/tfjs-core';
import { Failure } from '../../shared/failure.ts';
import type {
  GraderAnswer,
  GraderRole,
  GraderTransfer,
  ImageTransfer,
  PipelineAnswers,
} from '../../shared/transfer.ts';
import type { ConsumerPipeline } from '../imaging/pipelines.ts';
import { parsePipeline } from '../imaging/pipelines.ts';
import type { FloatImage } from '../imaging/plane.ts';
import type { Raster } from '../imaging/raster.ts';
import type { Classifier } from '../models/classifier.ts';
import { tf } from '../runtime/tensorflow.ts';

/** What a measurement needs of a consumer pipeline: any `ConsumerPipeline` is one. */
export type MeasuredPipeline = Pick<ConsumerPipeline, 'id' | 'apply'>;

/** A grader with its part in the measurement. */
export interface MeasuredGrader {
  readonly classifier: Classifier;
  readonly role: GraderRole;
}

export interface TransferRequest {
  readonly graders: readonly MeasuredGrader[];
  readonly pipelines: readonly MeasuredPipeline[];
  readonly original: Raster;
  readonly protected: Raster;
  /** The same marks, plain, at random legal places. */
  readonly control: Raster;
  /** Grade from the label file; null compares with each grader's own answer to the untouched image. */
  readonly label: number | null;
  readonly signal?: AbortSignal;
}

/**
 * What every grader answers about one image, before and after protection, through every pipeline.
 * One `logits` call a grader: all its inputs go in one batch. Throws Failure `model-unsupported` for a label the grader
 * has no class for, `model-not-finite` where logits are not numbers; a pipeline's own failure passes through.
 */
export async function measureImage(request: TransferRequest): Promise<ImageTransfer> {
  if (request.pipelines.length === 0)
    throw new Failure('settings-invalid', 'no consumer pipeline to measure the transfer through', {
      hint: 'name at least one, for example direct',
    });
  const inputs = new InputStore(request);
  const graders: GraderTransfer[] = [];
  for (const grader of request.graders) {
    request.signal?.throwIfAborted();
    graders.push(await measureGrader(grader, request, inputs));
  }
  return { label: request.label, graders };
}

async function measureGrader(
  { classifier, role }: MeasuredGrader,
  request: TransferRequest,
  inputs: InputStore,
): Promise<GraderTransfer> {
  const { spec } = classifier;
  const { label, pipelines } = request;
  if (label !== null && label >= spec.classes)
    throw new Failure(
      'model-unsupported',
      `grader ${spec.name} has ${spec.classes} classes, the label is ${label}`,
      {
        subject: spec.name,
        hint: 'measure with a grader made for these labels, or without the label file',
      },
    );
  const { direct, rows } = await inputs.forSize(spec.inputWidth, spec.inputHeight);
  const [directAnswer, ...answers] = await answer(classifier, [
    direct,
    ...rows.flatMap((row) => [row.original, row.protected, row.control]),
  ]);
  const reference = label ?? directAnswer.class;
  return {
    graderId: spec.id,
    grader: spec.name,
    role,
    reference,
    referenceSource: label === null ? 'clean-answer' : 'label',
    direct: directAnswer,
    cleanCorrect: directAnswer.class === reference,
    pipelines: pipelines.map((pipeline, index): PipelineAnswers => ({
      pipeline: pipeline.id,
      clean: answers[3 * index],
      protected: answers[3 * index + 1],
      control: answers[3 * index + 2],
    })),
  };
}

interface GraderInputs {
  readonly direct: FloatImage;
  readonly rows: readonly { original: FloatImage; protected: FloatImage; control: FloatImage }[];
}

/** Pipelines run once per input size: graders of the same size share them. */
class InputStore {
  readonly #request: TransferRequest;
  readonly #bySize = new Map<string, GraderInputs>();

  constructor(request: TransferRequest) {
    this.#request = request;
  }

  async forSize(width: number, height: number): Promise<GraderInputs> {
    const key = `${width}x${height}`;
    const known = this.#bySize.get(key);
    if (known !== undefined) return known;
    const made = await this.#make({ width, height });
    this.#bySize.set(key, made);
    return made;
  }

  async #make(size: { width: number; height: number }): Promise<GraderInputs> {
    const { pipelines, original, protected: marked, control, signal } = this.#request;
    const rows = [];
    for (const pipeline of pipelines) {
      signal?.throwIfAborted();
      rows.push({
        original: await pipeline.apply(original, size),
        protected: await pipeline.apply(marked, size),
        control: await pipeline.apply(control, size),
      });
    }
    const plain = pipelines.findIndex((pipeline) => pipeline.id === 'direct');
    const direct = plain >= 0 ? rows[plain].original : await parsePipeline('direct').apply(original, size);
    return { direct, rows };
  }
}

async function answer(classifier: Classifier, images: readonly FloatImage[]): Promise<GraderAnswer[]> {
  const { spec } = classifier;
  const x = toBatch(images, spec.inputWidth, spec.inputHeight);
  let values: Float32Array;
  try {
    const logits = await classifier.logits(x);
    try {
      values = (await logits.data()) as Float32Array;
    } finally {
      logits.dispose();
    }
  } finally {
    x.dispose();
  }
  return images.map((_, index) =>
    answerOf(values.subarray(index * spec.classes, (index + 1) * spec.classes), spec.name),
  );
}

/** [n, height, width, 3] over the images' samples. */
function toBatch(images: readonly FloatImage[], width: number, height: number): Tensor4D {
  const size = width * height * 3;
  const data = new Float32Array(images.length * size);
  images.forEach((image, index) => {
    if (image.data.length !== size)
      throw new RangeError(`a pipeline returned ${image.data.length} samples, the grader takes ${size}`);
    data.set(image.data, index * size);
  });
  return tf.tensor4d(data, [images.length, height, width, 3]);
}

function answerOf(logits: Float32Array, grader: string): GraderAnswer {
  let best = 0;
  logits.forEach((value, index) => {
    if (!Number.isFinite(value))
      throw new Failure('model-not-finite', `grader ${grader} answers with a value that is not a number`, {
        subject: grader,
        hint: 'check the model file with: medlocker models inspect',
      });
    if (value > logits[best]) best = index;
  });
  return { class: best, logits: Array.from(logits, (value) => Number(value.toPrecision(6))) };
}
