import { describe, expect, it } from 'vitest';
import { tf } from '../runtime/tensorflow.ts';
import type { LogitLoss } from './classifier.ts';
import { crossEntropy, dlr, kl, logProbability, margin } from './losses.ts';

const logits = [2.1, -0.3, 0.8, 0.1, -1.2, 0.4, 1.9, 3.2, -0.7, 0.2];
const classes = 5;

const losses: [string, LogitLoss][] = [
  ['cross-entropy', crossEntropy([2, 3], classes)],
  ['log-probability', logProbability([2, 3], classes)],
  ['kl', kl(Float32Array.of(0.1, 0.2, 0.3, 0.4, 0, 0.25, 0.25, 0.25, 0.125, 0.125), classes)],
  ['margin', margin([0, 3], classes)],
  ['dlr', dlr([0, 3], classes)],
];

function evaluate(loss: LogitLoss, values: readonly number[]): { value: number[]; derivative: number[] } {
  const tensor = tf.tensor2d([...values], [2, classes]);
  const { value, derivative } = loss.evaluate(tensor);
  const result = { value: Array.from(value.dataSync()), derivative: Array.from(derivative.dataSync()) };
  tf.dispose([tensor, value, derivative]);
  return result;
}

describe('losses over logits', () => {
  it.each(losses)('%s: the derivative agrees with central differences', (_name, loss) => {
    const { derivative } = evaluate(loss, logits);
    for (const [index, logit] of logits.entries()) {
      const row = Math.floor(index / classes);
      const at = (shift: number) => evaluate(loss, logits.with(index, logit + shift)).value[row] ?? NaN;
      expect(derivative[index]).toBeCloseTo((at(1e-2) - at(-1e-2)) / 2e-2, 3);
    }
  });

  it.each(losses.filter(([, loss]) => loss.affine))(
    '%s: the derivative is affine in the softmax',
    (_name, loss) => {
      const { derivative } = evaluate(loss, logits);
      const softmax = Array.from(tf.softmax(tf.tensor2d(logits, [2, classes])).dataSync());
      const { scale = [], offset = [] } = loss.affine ?? {};
      for (const [index, value] of derivative.entries()) {
        const row = Math.floor(index / classes);
        expect(value).toBeCloseTo((scale[row] ?? NaN) * (softmax[index] ?? NaN) + (offset[index] ?? NaN), 5);
      }
    },
  );

  it('have their closed forms', () => {
    const even = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    expect(evaluate(crossEntropy([0, 1], 5), even).value[0]).toBeCloseTo(Math.log(5), 6);
    expect(evaluate(logProbability([0, 1], 5), even).value[0]).toBeCloseTo(-Math.log(5), 6);
    expect(evaluate(kl(new Float32Array(10).fill(0.2), 5), even).value[0]).toBeCloseTo(0, 6);
    expect(evaluate(margin([0, 2], 5), logits).value[0]).toBeCloseTo(0.8 - 2.1, 6);
    // -(2.1 - 0.8) / (2.1 - 0.1) by equation 6 of Croce & Hein
    expect(evaluate(dlr([0, 2], 5), logits).value[0]).toBeCloseTo(-0.65, 6);
  });

  it('stay finite for enormous logits', () => {
    for (const [, loss] of losses) {
      const { value, derivative } = evaluate(
        loss,
        logits.map((logit) => logit * 1e4),
      );
      expect([...value, ...derivative].every(Number.isFinite)).toBe(true);
    }
  });

  it('refuse labels and targets that are none', () => {
    expect(() => crossEntropy([5], 5)).toThrow(RangeError);
    expect(() => margin([-1], 5)).toThrow(RangeError);
    expect(() => dlr([], 5)).toThrow(RangeError);
    expect(() => kl(Float32Array.of(0.5, 0.6), 2)).toThrow(RangeError);
    expect(() => kl(Float32Array.of(NaN, 0.6), 2)).toThrow(RangeError);
    expect(() => evaluate(crossEntropy([0], 5), logits)).toThrow(/\[1, 5\]/);
  });
});
