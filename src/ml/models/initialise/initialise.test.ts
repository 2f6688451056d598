import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../runtime/tensorflow.ts';
import { architectures } from '../architectures/architectures.ts';
import { exportOnnx } from '../export-onnx.ts';
import { writeTfjsModel } from '../tfjs-writer.ts';
import { describeInitialisation } from './initialisation-report.ts';
import { initialise } from './initialise.ts';

const options = { inputSize: 32, classes: 5, seed: 1 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'initialise-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => {
  tf.disposeVariables();
});

describe('initialise', () => {
  it('takes a layers model by layer and weight, but not a head of other classes', async () => {
    const source = architectures['small-resnet'](options);
    const path = await writeTfjsModel(source, join(folder, 'five'));
    const model = architectures['small-resnet']({ ...options, classes: 2, seed: 2 });
    const before = tf.memory().numTensors;
    const report = await initialise(model, path);
    expect(tf.memory().numTensors).toBe(before);
    expect(report.taken).toHaveLength(source.weights.length - 2);
    expect(report).toMatchObject({
      left: [],
      unused: [],
      misfits: [
        { name: 'logits/kernel', file: [96, 5], network: [96, 2] },
        { name: 'logits/bias', file: [5], network: [2] },
      ],
    });
    const kernel = (layers: typeof model) => layers.getLayer('stem').getWeights()[0].dataSync();
    expect(kernel(model)).toEqual(kernel(source));
    expect(describeInitialisation(path, report)).toMatch(
      /^takes \d+ of \d+ tensors .*logits\/kernel \[96,5\] there, \[96,2\] here/,
    );
  });

  it('takes nothing from another network, and says so', async () => {
    const source = architectures['small-vgg'](options);
    const path = await writeTfjsModel(source, join(folder, 'vgg'));
    const model = architectures['mobilenetv2-torch']({ ...options, weights: 'zero' });
    await expect(initialise(model, path)).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringContaining('none of its') as string,
    });
    const onnx = join(folder, 'vgg.onnx');
    await writeFile(onnx, exportOnnx(source));
    await expect(initialise(model, onnx)).rejects.toMatchObject({ code: 'model-unsupported' });
  });

  it('refuses what is no model file', async () => {
    const model = architectures['small-vgg'](options);
    const text = join(folder, 'text.onnx');
    await writeFile(text, 'not a model');
    await expect(initialise(model, text)).rejects.toMatchObject({ code: 'model-unreadable' });
    await expect(initialise(model, join(folder, 'absent.onnx'))).rejects.toMatchObject({
      code: 'model-unreadable',
    });
    await expect(initialise(model, join(folder, 'absent.json'))).rejects.toMatchObject({
      code: 'model-unreadable',
    });
  });
});
