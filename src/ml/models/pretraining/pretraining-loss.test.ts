import { readFileSync } from 'node:fs';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { tf } from '../../runtime/tensorflow.ts';
import { diceLoss, focalLoss, pretrainingLoss } from './pretraining-loss.ts';

const outcome = z.object({ value: z.number(), gradient: z.array(z.number()) });
const oracle = z
  .object({
    shape: z.tuple([z.number(), z.number(), z.number(), z.number()]),
    logits: z.array(z.number()),
    targets: z.array(z.number()),
    focal: outcome,
    dice: outcome,
  })
  .parse(JSON.parse(readFileSync(new URL('pretraining.oracle.json', import.meta.url), 'utf8')));

const logits = (): Tensor4D => tf.tensor4d(oracle.logits, oracle.shape);
const targets = (): Tensor4D => tf.tensor4d(oracle.targets, oracle.shape);

describe('losses of the painted maps', () => {
  it.each([
    ['focal', focalLoss, oracle.focal],
    ['dice', diceLoss, oracle.dice],
  ] as const)('%s loss equals PyTorch, and so does its gradient', (_, loss, expected) => {
    expect(loss(logits(), targets()).dataSync()[0]).toBeCloseTo(expected.value, 5);
    const gradient = tf
      .grad((x: Tensor) => loss(x as Tensor4D, targets()))(logits())
      .dataSync();
    expected.gradient.forEach((value, i) => {
      expect(gradient[i]).toBeCloseTo(value, 5);
    });
  });

  it('stays finite for answers of any certainty', () => {
    const sure = tf.tensor4d([80, -80, 80, -80], [1, 2, 2, 1]);
    const wrong = tf.tensor4d([0, 1, 1, 0], [1, 2, 2, 1]);
    expect(focalLoss(sure, wrong).dataSync()[0]).toBeCloseTo((80 * (0.25 + 0.75)) / 4, 3);
    expect(Number.isFinite(diceLoss(sure, wrong).dataSync()[0])).toBe(true);
  });

  it('adds up to the grade, four times the focal and the Dice loss', () => {
    const grades = tf.tensor2d([0, 0, 0, 0, 0, 1, 2, 3, 4, 5], [2, 5]);
    const { total, parts } = pretrainingLoss(grades, logits(), [1, 4], targets());
    const [grade, focal, dice] = [parts.grade, parts.focal, parts.dice].map((part) => part.dataSync()[0]);
    expect(total.dataSync()[0]).toBeCloseTo(grade + 4 * focal + dice, 5);
  });
});
