import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { architectures } from '../architectures/architectures.ts';
import { writeTfjsModel } from '../tfjs-writer.ts';
import { adoptWeights } from './adopt-weights.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'adopt-'))));
afterAll(() => rm(folder, { recursive: true }));

const build = architectures['small-mobilenet'];
const weightsOf = (model: LayersModel): number[][] =>
  model.layers.flatMap((layer) => layer.getWeights().map((weight) => Array.from(weight.dataSync())));

describe('adoptWeights', () => {
  it('takes every weight of a model of the same kind, another input size or not', async () => {
    const source = build({ inputSize: 32, classes: 5, seed: 1 });
    const path = await writeTfjsModel(source, join(folder, 'same'));
    const model = build({ inputSize: 64, classes: 5, seed: 2 });
    expect(weightsOf(model)).not.toEqual(weightsOf(source));
    expect(await adoptWeights(model, path)).toBe('with its');
    expect(weightsOf(model)).toEqual(weightsOf(source));
  });

  it('keeps its own last layer where the classes are others', async () => {
    const source = build({ inputSize: 32, classes: 2, seed: 1 });
    const path = await writeTfjsModel(source, join(folder, 'two'));
    const model = build({ inputSize: 32, classes: 5, seed: 2 });
    const head = weightsOf(model).slice(-2);
    expect(await adoptWeights(model, path)).toBe('with a new');
    expect(weightsOf(model).slice(0, -2)).toEqual(weightsOf(source).slice(0, -2));
    expect(weightsOf(model).slice(-2)).toEqual(head);
  });

  it('refuses another architecture and damaged files, and changes nothing', async () => {
    const other = architectures['small-vgg']({ inputSize: 32, classes: 5, seed: 1 });
    const path = await writeTfjsModel(other, join(folder, 'other'));
    const model = build({ inputSize: 32, classes: 5, seed: 2 });
    const before = weightsOf(model);
    await expect(adoptWeights(model, path)).rejects.toMatchObject({ code: 'model-unsupported' });
    await writeFile(join(folder, 'other', 'weights.bin'), 'short');
    await expect(adoptWeights(model, path)).rejects.toMatchObject({ code: 'model-unreadable' });
    expect(weightsOf(model)).toEqual(before);
  });
});
