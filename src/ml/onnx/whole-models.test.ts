import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { crossEntropy } from '../models/losses.ts';
import { openOnnxClassifier } from '../models/onnx-classifier.ts';
import { tf } from '../runtime/tensorflow.ts';

const root = join(import.meta.dirname, '..', '..', '..', 'test');

/** Written by test/oracles/onnx_gradients.py: PyTorch's autograd in double precision. */
const oracle = z
  .object({
    side: z.number(),
    classes: z.number(),
    labels: z.array(z.number()),
    gradientStride: z.number(),
    models: z.record(
      z.string(),
      z.object({
        files: z.array(z.string()),
        logits: z.array(z.array(z.number())),
        loss: z.array(z.number()),
        gradientNorm: z.number(),
        gradient: z.array(z.number()),
        cam: z.object({ shape: z.array(z.number()), values: z.array(z.number()) }).optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(root, 'oracles', 'onnx_gradients.json'), 'utf8')));

function image(): Tensor4D {
  const count = oracle.labels.length * oracle.side * oracle.side * 3;
  const values = Float32Array.from({ length: count }, (_, index) => (index * 0.61803398875) % 1);
  return tf.tensor4d(values, [oracle.labels.length, oracle.side, oracle.side, 3]);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? NaN))), 0);
}

const cases = Object.entries(oracle.models).flatMap(([name, values]) =>
  values.files.map((file) => ({ name, file, values })),
);

describe('graders exported from PyTorch', () => {
  it.each(cases)('$file has the logits, gradient and Grad-CAM of PyTorch', async ({ file, values }) => {
    const grader = await openOnnxClassifier(join(root, 'fixtures', 'onnx', file), { threads: 1 });
    const x = image();
    const { labels, classes, gradientStride } = oracle;
    const tensorsBefore = tf.memory().numTensors;
    const result = await grader.inputGradient(x, crossEntropy(labels, classes));
    const logits = await grader.logits(x);
    expect(tf.memory().numTensors - tensorsBefore).toBe(4);
    expect(largestDifference(logits.dataSync(), values.logits.flat())).toBeLessThan(2e-5);
    expect(largestDifference(result.logits.dataSync(), values.logits.flat())).toBeLessThan(2e-5);
    expect(largestDifference(result.loss.dataSync(), values.loss)).toBeLessThan(2e-5);

    const gradient = Float64Array.from(result.gradient.dataSync());
    const scale = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(Math.hypot(...gradient) / values.gradientNorm).toBeCloseTo(1, 4);
    const picked = gradient.filter((_, index) => index % gradientStride === 0);
    expect(largestDifference(picked, values.gradient) / scale).toBeLessThan(1e-4);

    if (values.cam !== undefined) {
      const cam = await grader.gradCam(x, labels);
      expect(cam.shape).toEqual(values.cam.shape);
      const most = Math.max(...values.cam.values);
      expect(largestDifference(cam.dataSync(), values.cam.values) / most).toBeLessThan(1e-4);
    }
    grader.dispose();
  });
});
