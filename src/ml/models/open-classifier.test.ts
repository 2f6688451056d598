import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Rank } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PreprocessingInput } from '../onnx/preprocessing.ts';
import { bindingIsInstalled, tf } from '../runtime/tensorflow.ts';
import { exportOnnx } from './export-onnx.ts';
import { openClassifier } from './open-classifier.ts';
import { writeTfjsModel } from './tfjs-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-classifier-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('openClassifier', () => {
  it('opens an ONNX file whatever it is called', async () => {
    const path = join(folder, 'grader.bin');
    await writeFile(path, exportOnnx(grader()));
    const classifier = await openClassifier(path, { threads: 1 });
    expect(classifier.spec).toMatchObject({ kind: 'onnx', classes: 3, inputHeight: 8 });
    classifier.dispose();
  });

  it.skipIf(!bindingIsInstalled())(
    'opens a TensorFlow.js model by its folder or its file, and both kinds agree (needs libtensorflow)',
    async () => {
      const model = grader();
      const json = await writeTfjsModel(model, join(folder, 'as-tfjs'));
      const renamed = join(dirname(json), 'renamed');
      await copyFile(json, renamed);
      await writeFile(join(folder, 'same.onnx'), exportOnnx(model));
      const x = tf.randomUniform<Rank.R4>([3, 8, 8, 3], 0, 1, 'float32', 2);
      const preprocessing: PreprocessingInput = {
        mean: [0.1, 0.2, 0.3],
        std: [0.5, 0.4, 0.3],
        channels: 'bgr',
      };
      const answers: number[][][] = [];
      for (const path of [dirname(json), renamed, join(folder, 'same.onnx')]) {
        const classifier = await openClassifier(path, { threads: 1, preprocessing });
        answers.push((await classifier.logits(x)).arraySync());
        classifier.dispose();
      }
      expect(answers[1]).toEqual(answers[0]);
      answers[0].flat().forEach((value, i) => {
        expect(answers[2].flat()[i]).toBeCloseTo(value, 4);
      });
    },
  );

  it('says so when there is nothing, or nothing usable', async () => {
    const cases: [string, string | null, string][] = [
      ['absent.onnx', null, 'does not exist'],
      ['empty.onnx', '', 'empty.onnx'],
      ['text.onnx', 'hello', 'text.onnx'],
      ['other.json', '  {"a": 1}', 'not a TensorFlow.js model'],
    ];
    for (const [name, content, reason] of cases) {
      const path = join(folder, name);
      if (content !== null) await writeFile(path, content);
      const opening = openClassifier(path);
      await expect(opening).rejects.toMatchObject({ name: 'Failure' });
      if (bindingIsInstalled() || !name.endsWith('json')) await expect(opening).rejects.toThrow(reason);
    }
    await expect(openClassifier(folder)).rejects.toThrow('does not exist');
  });
});

function grader(): LayersModel {
  const { layers } = tf;
  return tf.sequential({
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', inputShape: [8, 8, 3] }),
      layers.reLU(),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 3 }),
    ],
  });
}
