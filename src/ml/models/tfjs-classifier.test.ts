import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rank, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../runtime/tensorflow.ts';
import type { LogitLoss } from './classifier.ts';
import { openTfjsClassifier } from './tfjs-classifier.ts';
import { writeTfjsModel } from './tfjs-writer.ts';

const javascript = { engine: 'javascript' } as const;
let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tfjs-classifier-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('openTfjsClassifier', () => {
  it('gives the logits of the model, from a hidden softmax too', async () => {
    const plain = grader('linear');
    const soft = grader('softmax');
    soft.setWeights(plain.getWeights());
    const x = tf.randomUniform<Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 7);
    const expected = (plain.predict(x) as Tensor2D).arraySync();

    const fromPlain = await openTfjsClassifier(await saved(plain), javascript);
    const fromSoft = await openTfjsClassifier(await saved(soft), javascript);
    expect((await fromPlain.logits(x)).arraySync()).toEqual(expected);
    expect((await fromSoft.logits(x)).arraySync()).toEqual(expected);
    expect(fromPlain.notes).toEqual([]);
    expect(fromSoft.notes.join()).toContain('softmax');
    expect(fromPlain.spec).toMatchObject({ kind: 'tfjs', inputHeight: 8, inputWidth: 8, classes: 3 });
    expect(fromPlain.spec.id).toMatch(/^[0-9a-f]{64}$/);
    expect(fromPlain.spec.id).not.toBe(fromSoft.spec.id);
  });

  it('differentiates a loss with respect to the pixels as finite differences do', async () => {
    const classifier = await openTfjsClassifier(await saved(grader('linear')), javascript);
    const x = tf.randomUniform<Rank.R4>([2, 8, 8, 3], 0.2, 0.8, 'float32', 3);
    const { loss, logits, gradient } = await classifier.inputGradient(x, squares);
    expect(gradient.shape).toEqual(x.shape);
    expect(logits.arraySync()).toEqual((await classifier.logits(x)).arraySync());
    const slopes = gradient.dataSync();
    const values = x.dataSync();
    expect(loss.shape).toEqual([2]);
    for (const index of [0, 50, 101, 191, 192, 300, 383]) {
      const at = async (delta: number): Promise<number> => {
        const moved = Float32Array.from(values);
        moved[index] = (moved[index] ?? 0) + delta;
        const answer = (await classifier.logits(tf.tensor4d(moved, [2, 8, 8, 3]))).arraySync().flat();
        return answer.reduce((sum, z) => sum + z * z, 0);
      };
      const difference = ((await at(1e-2)) - (await at(-1e-2))) / 2e-2;
      expect(slopes[index]).toBeCloseTo(difference, 2);
    }
  });

  it('maps Grad-CAM of a pooled linear head to its closed form', async () => {
    const model = grader('linear');
    const path = await saved(model);
    const classifier = await openTfjsClassifier(path, javascript);
    const x = tf.randomUniform<Rank.R4>([2, 8, 8, 3], 0, 1, 'float32', 5);
    const map = await classifier.gradCam(x, [2, 0]);

    // d logit_c / d features = W[:, c] / (rows * columns), the same at every place.
    const relu = model.layers.find((layer) => layer.name === 'features');
    const features = (
      tf.model({ inputs: model.inputs, outputs: relu?.output ?? [] }).predict(x) as Tensor4D
    ).arraySync();
    const head = (model.layers.at(-1)?.getWeights()[0] as Tensor2D).arraySync();
    const expected = features.map((image, b) =>
      image.map((row) =>
        row.map((pixel) => {
          const total = pixel.reduce((sum, v, k) => sum + (v * (head[k]?.[[2, 0][b] ?? 0] ?? 0)) / 16, 0);
          return Math.max(0, total);
        }),
      ),
    );
    expect(map.shape).toEqual([2, 4, 4]);
    const actual = map.arraySync();
    expected.flat(2).forEach((value, i) => expect(actual.flat(2)[i]).toBeCloseTo(value, 5));
    expect(Math.max(...actual.flat(2))).toBeGreaterThan(0);
  });

  it('leaves no tensor behind but those it returns', async () => {
    const classifier = await openTfjsClassifier(await saved(grader('linear')), javascript);
    const x = tf.zeros<Rank.R4>([1, 8, 8, 3]);
    const before = tf.memory().numTensors;
    tf.dispose(await classifier.logits(x));
    const { loss, logits, gradient } = await classifier.inputGradient(x, squares);
    expect(tf.memory().numTensors).toBe(before + 3);
    tf.dispose([loss, logits, gradient, await classifier.gradCam(x, [1])]);
    expect(tf.memory().numTensors).toBe(before);
    classifier.dispose();
    expect(tf.memory().numTensors).toBeLessThan(before);
  });

  it('refuses what is no grader, each with its reason', async () => {
    const { layers } = tf;
    const image = tf.input({ shape: [8, 8, 3] });
    const flat = layers.flatten().apply(image) as typeof image;
    const dense = (units: number, activation?: 'sigmoid'): typeof image =>
      layers.dense({ units, ...(activation && { activation }) }).apply(flat) as typeof image;
    const cases: [LayersModel, RegExp][] = [
      [tf.model({ inputs: image, outputs: [dense(2), dense(3)] }), /puts out \[\?, 2\] and \[\?, 3\]/],
      [tf.model({ inputs: image, outputs: dense(1) }), /puts out \[\?, 1\]/],
      [tf.model({ inputs: image, outputs: dense(4, 'sigmoid') }), /ends in sigmoid/],
      [tf.sequential({ layers: [layers.dense({ inputShape: [5], units: 3 })] }), /takes \[\?, 5\]/],
      [
        tf.model({
          inputs: image,
          outputs: layers
            .reshape({ targetShape: [4] })
            .apply(layers.softmax().apply(dense(4))) as typeof image,
        }),
        /puts out probabilities/,
      ],
    ];
    for (const [model, reason] of cases) {
      await expect(openTfjsClassifier(await saved(model), javascript)).rejects.toThrow(reason);
    }
    const before = tf.memory().numTensors;
    const path = await saved(cases[0][0]);
    await expect(openTfjsClassifier(path, javascript)).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses damaged files, each with its reason', async () => {
    const damage = async (
      edit: (json: Record<string, unknown>, directory: string) => unknown,
    ): Promise<string> => {
      const path = await saved(grader('linear'));
      const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      const directory = join(path, '..');
      const text = await edit(json, directory);
      await writeFile(path, typeof text === 'string' ? text : JSON.stringify(json));
      return path;
    };
    const setPaths = (json: Record<string, unknown>, shard: string): void => {
      (json['weightsManifest'] as { paths: string[] }[])[0].paths = [shard];
    };
    const unknownLayer = (json: Record<string, unknown>): string =>
      JSON.stringify(json).replace('"GlobalAveragePooling2D"', '"Mystery"');
    const cases: [Promise<string>, RegExp][] = [
      [damage(() => '{"modelTopology"'), /not JSON/],
      [damage(() => '{}'), /not a TensorFlow.js model/],
      [damage(() => '{"modelTopology":{"node":[]},"weightsManifest":[]}'), /graph model/],
      [
        damage((json) => {
          setPaths(json, '../weights.bin');
        }),
        /outside/,
      ],
      [
        damage((json) => {
          setPaths(json, '/etc/hostname');
        }),
        /outside/,
      ],
      [
        damage((json) => {
          setPaths(json, 'absent.bin');
        }),
        /missing/,
      ],
      [
        damage(async (json, directory) => {
          await symlink('/etc/hostname', join(directory, 'link.bin'));
          setPaths(json, 'link.bin');
        }),
        /link out of/,
      ],
      [damage((_, directory) => writeFile(join(directory, 'weights.bin'), 'short')), /hold 5 bytes/],
      [
        damage((_, directory) => writeFile(join(directory, 'weights.bin'), Buffer.alloc(1e6))),
        /1000000 bytes/,
      ],
      [damage(unknownLayer), /unknown part "Mystery"/],
    ];
    for (const [path, reason] of cases) {
      await expect(openTfjsClassifier(await path, javascript)).rejects.toThrow(reason);
    }
    await expect(openTfjsClassifier(join(folder, 'none.json'), javascript)).rejects.toThrow('does not exist');
  });

  it('refuses weights that are not finite', async () => {
    const model = grader('linear');
    const [first, ...rest] = model.getWeights();
    model.setWeights([tf.fill(first.shape, Number.NaN), ...rest]);
    await expect(openTfjsClassifier(await saved(model), javascript)).rejects.toMatchObject({
      code: 'model-not-finite',
    });
  });
});

const squares: LogitLoss = {
  name: 'sum of squares',
  evaluate: (logits) => ({ value: tf.sum(tf.square(logits), 1), derivative: tf.mul(logits, 2) }),
};

function grader(activation: 'linear' | 'softmax'): LayersModel {
  const { layers } = tf;
  count += 1;
  const kernelInitializer = tf.initializers.glorotNormal({ seed: count });
  return tf.sequential({
    layers: [
      layers.rescaling({ scale: 2, offset: -1, inputShape: [8, 8, 3] }),
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', kernelInitializer }),
      layers.batchNormalization({}),
      layers.reLU({ name: 'features' }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 3, activation, kernelInitializer }),
    ],
  });
}

function saved(model: LayersModel): Promise<string> {
  count += 1;
  return writeTfjsModel(model, join(folder, `grader-${count}`));
}
