import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { imageTransferSchema } from '../../shared/transfer.ts';
import type { Raster8 } from '../imaging/raster.ts';
import type { Classifier } from '../models/classifier.ts';
import { tf } from '../runtime/tensorflow.ts';
import { measureImage, type MeasuredPipeline } from './transfer.ts';

/** A flat grey image; graders below answer by its brightness. */
const flat = (value: number): Raster8 => ({
  width: 8,
  height: 8,
  channels: 3,
  bitDepth: 8,
  data: new Uint8Array(192).fill(value),
});

/** Passes the first sample on as every sample, plus a shift, to whatever size is asked for. */
const shifting = (id: string, shift: number): MeasuredPipeline => ({
  id,
  apply: (raster, { width, height }) =>
    Promise.resolve({
      width,
      height,
      channels: 3,
      data: new Float32Array(width * height * 3).fill(raster.data[0] / 255 + shift),
    }),
});

interface Calls {
  batches: number[][];
}

/** Class = brightness in fifths. */
function grader(
  name: string,
  size: number,
  calls: Calls,
  spoil?: (logits: Float32Array) => void,
): Classifier {
  return {
    spec: {
      id: `sha-${name}`,
      name,
      kind: 'onnx',
      inputHeight: size,
      inputWidth: size,
      classes: 5,
      device: 'test',
    },
    logits: async (x: Tensor4D): Promise<Tensor2D> => {
      calls.batches.push(x.shape);
      const values = await x.data();
      const [batch] = x.shape;
      const logits = new Float32Array(batch * 5);
      for (let i = 0; i < batch; i++) {
        const mean = values[i * size * size * 3];
        logits[i * 5 + Math.min(4, Math.floor(mean * 5))] = 1 / 3;
      }
      spoil?.(logits);
      return tf.tensor2d(logits, [batch, 5]);
    },
    inputGradient: () => Promise.reject(new Error('a measurement needs no gradient')),
    dispose: () => undefined,
  };
}

const request = {
  pipelines: [shifting('direct', 0), shifting('brighter', 0.2)],
  original: flat(60),
  protected: flat(200),
  control: flat(90),
} as const;

describe('measureImage', () => {
  it('asks each grader once, with every input of its own size in one batch', async () => {
    const calls: Calls = { batches: [] };
    const before = tf.memory().numTensors;
    const transfer = await measureImage({
      ...request,
      label: 1,
      graders: [
        { classifier: grader('a', 4, calls), role: 'surrogate' },
        { classifier: grader('b', 6, calls), role: 'victim' },
      ],
    });
    expect(calls.batches).toEqual([
      [7, 4, 4, 3],
      [7, 6, 6, 3],
    ]);
    expect(tf.memory().numTensors).toBe(before);
    expect(imageTransferSchema.parse(transfer)).toEqual(transfer);
    const [, victim] = transfer.graders;
    expect(victim).toMatchObject({
      grader: 'b',
      role: 'victim',
      reference: 1,
      referenceSource: 'label',
      cleanCorrect: true,
    });
    expect(
      victim.pipelines.map((p) => [p.pipeline, p.clean.class, p.protected.class, p.control.class]),
    ).toEqual([
      ['direct', 1, 3, 1],
      ['brighter', 2, 4, 2],
    ]);
    expect(victim.pipelines[0].clean.logits).toEqual([0, 0.333333, 0, 0, 0]);
  });

  it('takes the clean direct answer for the reference without a label', async () => {
    const transfer = await measureImage({
      ...request,
      pipelines: [shifting('brighter', 0.2), shifting('direct', 0)],
      label: null,
      graders: [{ classifier: grader('a', 4, { batches: [] }), role: 'victim' }],
    });
    expect(transfer.graders[0]).toMatchObject({
      reference: 1,
      referenceSource: 'clean-answer',
      cleanCorrect: true,
      direct: { class: 1 },
    });
  });

  it('does not count an image as correct that the grader misreads clean', async () => {
    const transfer = await measureImage({
      ...request,
      label: 3,
      graders: [{ classifier: grader('a', 4, { batches: [] }), role: 'victim' }],
    });
    expect(transfer.graders[0]).toMatchObject({ reference: 3, cleanCorrect: false, direct: { class: 1 } });
  });

  it('refuses a label without a class, answers that are not numbers and an empty list of pipelines', async () => {
    const own = [{ classifier: grader('weak', 4, { batches: [] }), role: 'victim' as const }];
    await expect(measureImage({ ...request, label: 5, graders: own })).rejects.toMatchObject({
      code: 'model-unsupported',
      subject: 'weak',
    });
    const broken = grader('broken', 4, { batches: [] }, (logits) => logits.fill(NaN, 3, 4));
    const before = tf.memory().numTensors;
    await expect(
      measureImage({ ...request, label: null, graders: [{ classifier: broken, role: 'victim' }] }),
    ).rejects.toMatchObject({ code: 'model-not-finite', subject: 'broken' });
    expect(tf.memory().numTensors).toBe(before);
    await expect(
      measureImage({ ...request, pipelines: [], label: null, graders: own }),
    ).rejects.toMatchObject({
      code: 'settings-invalid',
    });
  });

  it('stops between graders when it is cancelled', async () => {
    const calls: Calls = { batches: [] };
    const controller = new AbortController();
    controller.abort(new Error('stop'));
    await expect(
      measureImage({
        ...request,
        label: null,
        graders: [{ classifier: grader('a', 4, calls), role: 'victim' }],
        signal: controller.signal,
      }),
    ).rejects.toThrow('stop');
    expect(calls.batches).toEqual([]);
  });
});
