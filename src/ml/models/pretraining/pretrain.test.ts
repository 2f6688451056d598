import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingIsInstalled, startTensorFlow, tf } from '../../runtime/tensorflow.ts';
import { smallResnet } from '../architectures/small-resnet.ts';
import { openBackbone } from '../backbones/open-backbone.ts';
import { writeBackbone } from '../backbones/write-backbone.ts';
import { pretrain, type PretrainingReport } from './pretrain.ts';
import { pretrainingNetwork } from './pretraining-network.ts';
import { openRetinaPack, paintRetinaPack } from './retina-pack.ts';

const SIDE = 64;
const grader = () => smallResnet({ inputSize: SIDE, classes: 5, seed: 2 });

describe.skipIf(!bindingIsInstalled())('pretraining (libtensorflow is not installed)', () => {
  let folder = '';
  beforeAll(async () => {
    await startTensorFlow({ threads: 1 });
    folder = await mkdtemp(join(tmpdir(), 'pretrain-'));
    await paintRetinaPack(join(folder, 'pack.bin'), { side: SIDE, count: 8, firstSeed: 0 });
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('puts a painting pyramid on a grader whose logits stay the same', () => {
    const plain = grader();
    const x = tf.randomUniform([2, SIDE, SIDE, 3], 0, 1, 'float32', 3);
    const before = (plain.predict(x) as Tensor2D).arraySync();
    // The small network ends at stride 16.
    expect(() => pretrainingNetwork(plain, 1)).toThrow('stride 32');
    const network = pretrainingNetwork(plain, 1, [4, 8, 16]);
    const [logits, maps] = network.predict(x) as [Tensor2D, Tensor4D];
    expect(logits.arraySync()).toEqual(before);
    expect(maps.shape).toEqual([2, SIDE / 4, SIDE / 4, 6]);
  });

  it('learns both tasks, changes the grader, leaves no tensors behind, and its trunk survives the file', async () => {
    const model = grader();
    const pack = await openRetinaPack(join(folder, 'pack.bin'));
    const reports: PretrainingReport[] = [];
    const settings = {
      seed: 1,
      steps: 16,
      batchSize: 4,
      learningRate: 0.003,
      weightDecay: 0,
      warmupSteps: 3,
      averageDecay: 0.9,
    };
    const options = { every: 4, onReport: (report: PretrainingReport) => void reports.push(report) };
    await pretrain(model, pack, { ...settings, strides: [4, 8, 16] }, options);
    const [first, last] = [reports[0], reports[3]];
    expect(reports.map(({ step }) => step)).toEqual([4, 8, 12, 16]);
    expect(last.grade).toBeLessThan(first.grade);
    expect(last.dice).toBeLessThan(first.dice);
    const live = tf.memory().numTensors;
    const again = grader();
    const built = tf.memory().numTensors - live;
    await pretrain(again, pack, { ...settings, steps: 2, strides: [4, 8, 16] }, options);
    await pretrain(again, pack, { ...settings, steps: 2, strides: [4, 8, 16] }, options);
    const pyramids = 2 * (tf.memory().numTensors - live - built);
    expect(pyramids).toBe(0);
    await pack.close();

    await writeBackbone(model, join(folder, 'trunk'), 256);
    const path = join(folder, 'trunk', 'model.json');
    const opened = await openBackbone(path, { inputSize: 96, classes: 3, seed: 5 });
    expect(opened.outputs[0]?.shape).toEqual([null, 3]);
    const kernel = (of: typeof model) => of.getLayer('stem').getWeights()[0].dataSync();
    const [from, to] = [kernel(model), kernel(opened)];
    const step = (Math.max(...from) - Math.min(...from)) / 254;
    from.forEach((value, i) => expect(Math.abs(value - to[i])).toBeLessThanOrEqual(step / 2 + 1e-6));
    const moving = (of: typeof model) => of.getLayer('stem_bn').getWeights()[3].arraySync();
    expect(moving(opened)).toEqual(moving(model));
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'));
    expect(JSON.stringify(manifest)).toContain('weights.bin.gz');
    expect((await stat(join(folder, 'trunk', 'weights.bin.gz'))).size).toBeLessThan(
      model.countParams() * 1.2,
    );
  });
});
