import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rank, Tensor2D } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bindingIsInstalled, startTensorFlow, tf } from '../../runtime/tensorflow.ts';
import { architectures, type ArchitectureName } from '../architectures/architectures.ts';
import { stateKeys } from './state-keys.ts';
import { takeState } from './take-state.ts';
import type { StateTensor } from './weight-layout.ts';

interface Oracle {
  readonly networks: Readonly<
    Partial<Record<ArchitectureName, { readonly side: number; readonly logits: readonly number[][] }>>
  >;
}
const oracle = JSON.parse(
  readFileSync(join(import.meta.dirname, 'architecture-logits.oracle.json'), 'utf8'),
) as Oracle;
// The larger ones take a minute; MEDLOCKER_LARGE_TESTS=1 adds them.
const large: readonly ArchitectureName[] = ['vgg16-bn', 'resnet50', 'cifar-resnet18'];
const everything = process.env['MEDLOCKER_LARGE_TESTS'] !== undefined;
const names = (Object.keys(oracle.networks) as ArchitectureName[]).filter(
  (name) => everything || !large.includes(name),
);

describe.skipIf(!bindingIsInstalled())('takeState (needs libtensorflow)', () => {
  beforeAll(async () => {
    await startTensorFlow({ threads: 1 });
  });
  afterEach(() => {
    tf.disposeVariables();
  });

  it.each(names)('makes %s answer as the reference with the same weights by name', (name) => {
    const { side, logits } = oracle.networks[name] ?? { side: 0, logits: [] };
    const model = architectures[name]({ inputSize: side, classes: 5, seed: 1, weights: 'zero' });
    const report = takeState(model, formulaState(stateKeys(model)));
    expect(report).toMatchObject({ share: 1, left: [], misfits: [], unused: [] });
    const image = tf.tensor(hashed('image', 2 * 3 * side * side), [2, 3, side, side]);
    const x = tf.transpose<typeof image>(image, [0, 2, 3, 1]);
    const answer = (model.predict(x) as Tensor2D).arraySync().flat();
    tf.dispose([image, x]);
    const expected = logits.flat();
    const scale = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => expect(Math.abs(answer[i] - value) / scale).toBeLessThan(1e-4));
  });
});

describe('takeState', () => {
  const build = () =>
    architectures['mobilenetv2-torch']({ inputSize: 32, classes: 3, seed: 1, weights: 'zero' });

  it('reports what was taken, what the file lacks, what does not fit and what nobody asked for', () => {
    const model = build();
    const keys = stateKeys(model);
    const state = new Map(formulaState(keys));
    state.set('classifier.1.weight', { shape: [1000, 1280], values: new Float32Array(1_280_000) });
    state.delete('classifier.1.bias');
    state.set('extra.weight', { shape: [1], values: Float32Array.of(1) });
    const report = takeState(model, state);
    expect(report.taken).toHaveLength(keys.length - 2);
    expect(report.left).toEqual(['classifier.1/bias']);
    expect(report.misfits).toEqual([{ name: 'classifier.1.weight', file: [1000, 1280], network: [3, 1280] }]);
    expect(report.unused).toEqual(['extra.weight']);
    expect(report.share).toBeGreaterThan(0.99);
    expect(report.share).toBeLessThan(1);
    model.dispose();
  });

  it('answers alike when the normalisations were folded into the convolutions', () => {
    const [plain, folded] = [build(), build()];
    const keys = stateKeys(plain);
    const state = new Map(formulaState(keys));
    takeState(plain, state);
    fold(state, keys);
    expect([...state.keys()].some((key) => key.includes('running_mean'))).toBe(false);
    expect(takeState(folded, state)).toMatchObject({ share: 1, unused: [] });
    const x = tf.randomUniform<Rank.R4>([1, 32, 32, 3], 0, 1, 'float32', 4);
    const [expected, actual] = [plain, folded].map((model) => (model.predict(x) as Tensor2D).dataSync());
    const scale = Math.max(...expected.map(Math.abs));
    expected.forEach((value, i) => expect(Math.abs(actual[i] - value) / scale).toBeLessThan(1e-4));
  });
});

/** Puts every normalisation into the convolution before it: W' = W g, b' = beta - mean g, g = gamma / sqrt(var + eps). */
function fold(state: Map<string, StateTensor>, keys: ReturnType<typeof stateKeys>): void {
  const values = (key: string): Float32Array => state.get(key)?.values ?? new Float32Array(0);
  for (const { key, folded } of keys) {
    if (folded?.role !== 'gamma') continue;
    const norm = key.slice(0, -'.weight'.length);
    const weight = `${folded.convolution}.weight`;
    const { shape } = state.get(weight) ?? { shape: [1] };
    const [gamma, beta, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      values(`${norm}.${part}`),
    );
    const gain = gamma.map((value, c) => value / Math.sqrt(variance[c] + folded.epsilon));
    const size = values(weight).length / shape[0];
    state.set(weight, {
      shape,
      values: values(weight).map((value, i) => value * gain[Math.floor(i / size)]),
    });
    const offset = beta.map((value, c) => value - mean[c] * gain[c]);
    state.set(`${folded.convolution}.bias`, { shape: [shape[0]], values: offset });
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) state.delete(`${norm}.${part}`);
  }
}

/** The formula of test/oracles/architecture_logits.py. */
function formulaState(keys: ReturnType<typeof stateKeys>): Map<string, StateTensor> {
  return new Map(
    keys.map(({ key, shape }) => {
      const count = shape.reduce((product, side) => product * side, 1);
      const u = hashed(key, count);
      const positive = key.endsWith('running_var') || (key.endsWith('weight') && shape.length === 1);
      const small = shape.length < 2 || key === 'cls_token' || key === 'pos_embed';
      const spread = small ? 0.4 : Math.sqrt((24 * shape[0]) / count);
      return [key, { shape, values: u.map((value) => (positive ? value + 0.5 : (value - 0.5) * spread)) }];
    }),
  );
}

function hashed(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5;
  for (const character of Buffer.from(name)) seed = Math.imul(seed ^ character, 0x01000193);
  return Float32Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b1) + seed) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35) >>> 0;
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  });
}
