import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tf } from '../../runtime/tensorflow.ts';
import { smallResnet } from '../architectures/small-resnet.ts';
import { writeTfjsModel } from '../tfjs-writer.ts';
import { openBackbone } from './open-backbone.ts';
import { writeBackbone } from './write-backbone.ts';

const options = { inputSize: 64, classes: 5, seed: 3 };

describe('openBackbone', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backbone-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const trunk = async (): Promise<string> => {
    await writeBackbone(smallResnet(options), folder, 256);
    return join(folder, 'model.json');
  };

  it('builds a grader with a new head that its seed decides, every layer trainable', async () => {
    const path = await trunk();
    const [first, again, other] = await Promise.all(
      [3, 3, 4].map((seed) => openBackbone(path, { ...options, seed, dropout: 0.2 })),
    );
    const x = tf.randomUniform([2, 64, 64, 3], 0, 1, 'float32', 1);
    const logits = [first, again, other].map((model) => (model.predict(x) as Tensor2D).arraySync());
    expect(logits[0]).toEqual(logits[1]);
    expect(logits[0]).not.toEqual(logits[2]);
    expect(first.nonTrainableWeights.every(({ name }) => name.includes('moving_'))).toBe(true);
  });

  it('names a weight file that is cut short or unpacks to more than promised', async () => {
    const path = await trunk();
    const weights = join(folder, 'weights.bin.gz');
    const whole = await readFile(weights);
    await writeFile(weights, whole.subarray(0, whole.length / 2));
    await expect(openBackbone(path, options)).rejects.toThrow('weights.bin.gz');
    await copyFile(path, weights);
    await expect(openBackbone(path, options)).rejects.toThrow('weights.bin.gz');
  });

  it('refuses a whole grader, whose features are pooled already', async () => {
    const path = await writeTfjsModel(smallResnet(options), folder);
    await expect(openBackbone(path, options)).rejects.toThrow('no feature map');
  });
});
