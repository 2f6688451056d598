import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { tf } from '../../runtime/tensorflow.ts';
import { architectures } from '../architectures/architectures.ts';
import { writeTfjsModel } from '../tfjs-writer.ts';
import { takeLayers } from './take-layers.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'layers-'))));
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  tf.disposeVariables();
});

const build = architectures['small-mobilenet'];
const weightsOf = (model: LayersModel): number[][] =>
  model.layers.flatMap((layer) => layer.getWeights().map((weight) => Array.from(weight.dataSync())));

describe('takeLayers', () => {
  it('takes every weight of a model of the same kind, another input size or not', async () => {
    const source = build({ inputSize: 32, classes: 5, seed: 1 });
    const path = await writeTfjsModel(source, join(folder, 'same'));
    const model = build({ inputSize: 64, classes: 5, seed: 2 });
    expect(weightsOf(model)).not.toEqual(weightsOf(source));
    expect(await takeLayers(model, path)).toMatchObject({ share: 1, left: [], misfits: [], unused: [] });
    expect(weightsOf(model)).toEqual(weightsOf(source));
  });

  it('keeps the last layer where the classes are others, and leaves no tensor behind', async () => {
    const source = build({ inputSize: 32, classes: 2, seed: 1 });
    const path = await writeTfjsModel(source, join(folder, 'two'));
    const model = build({ inputSize: 32, classes: 5, seed: 2 });
    const head = weightsOf(model).slice(-2);
    const before = tf.memory().numTensors;
    const { misfits, taken } = await takeLayers(model, path);
    expect(tf.memory().numTensors).toBe(before);
    expect(misfits.map(({ name }) => name)).toEqual(['logits/kernel', 'logits/bias']);
    expect(taken).toHaveLength(source.weights.length - 2);
    expect(weightsOf(model).slice(0, -2)).toEqual(weightsOf(source).slice(0, -2));
    expect(weightsOf(model).slice(-2)).toEqual(head);
  });

  it('refuses another architecture and damaged files, and changes nothing', async () => {
    const other = architectures['small-vgg']({ inputSize: 32, classes: 5, seed: 1 });
    const path = await writeTfjsModel(other, join(folder, 'other'));
    const model = build({ inputSize: 32, classes: 5, seed: 2 });
    const before = weightsOf(model);
    await expect(takeLayers(model, path)).rejects.toMatchObject({ code: 'model-unsupported' });
    await writeFile(join(folder, 'other', 'weights.bin'), 'short');
    await expect(takeLayers(model, path)).rejects.toMatchObject({ code: 'model-unreadable' });
    expect(weightsOf(model)).toEqual(before);
  });

  it('refuses a model that lacks a layer within', async () => {
    const source = build({ inputSize: 32, classes: 5, seed: 1 });
    const path = await writeTfjsModel(source, join(folder, 'without'));
    const name = source.layers.find(({ weights }) => weights.length > 0)?.name ?? '';
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll(`"${name}/`, '"another/'));
    const model = build({ inputSize: 32, classes: 5, seed: 2 });
    const before = weightsOf(model);
    await expect(takeLayers(model, path)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringContaining(`not those of this architecture (first at ${name}/`) as string,
    });
    expect(weightsOf(model)).toEqual(before);
  });
});
