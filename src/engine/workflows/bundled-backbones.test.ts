import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { needsRealData, realData } from '../../../test/real-data.ts';
import { openBackbone } from '../../ml/models/backbones/open-backbone.ts';
import { readTfjsFiles } from '../../ml/models/tfjs-files.ts';
import { bindingIsInstalled, startTensorFlow, tf } from '../../ml/runtime/tensorflow.ts';
import { bundledBackbones } from './bundled-backbones.ts';

const options = { inputSize: 96, classes: 5, seed: 3 };
const source = join(realData?.graders ?? '', '..', 'nsfwjs_mobilenet_v2', 'model.json');

describe('bundledBackbones', () => {
  it('lists each backbone with a licence, a credit and a file that opens', async () => {
    const backbones = await bundledBackbones();
    expect(backbones.map(({ name }) => name)).toContain('mobilenetv2-nsfwjs');
    for (const { licence, credit, path } of backbones) {
      expect(licence).toBe('MIT');
      expect(credit).not.toBe('');
      const grader = await openBackbone(path, options);
      expect(grader.outputs[0]?.shape).toEqual([null, 5]);
      grader.dispose();
    }
  });

  it.skipIf(realData === null || !existsSync(source) || !bindingIsInstalled())(
    `gives the features of the network it was cut from (${needsRealData}; or libtensorflow is not installed)`,
    async () => {
      await startTensorFlow({ threads: 1 });
      const { topology, weightSpecs, weightData } = await readTfjsFiles(source);
      const whole = await tf.loadLayersModel(
        tf.io.fromMemory({ modelTopology: topology, weightSpecs, weightData }),
      );
      const bundled = (await bundledBackbones()).find(({ name }) => name === 'mobilenetv2-nsfwjs');
      const cut = await openBackbone(bundled?.path ?? '', { ...options, inputSize: 224 });
      const [expected, found] = [whole, cut].map((model) => {
        const features = model.getLayer('out_relu').output as SymbolicTensor;
        const x = tf.randomUniform([1, 224, 224, 3], 0, 1, 'float32', 5);
        return tf.model({ inputs: model.inputs, outputs: features }).predict(x) as Tensor4D;
      });
      expect(tf.max(tf.abs(tf.sub(expected, found))).dataSync()[0]).toBe(0);
      expect(tf.max(expected).dataSync()[0]).toBeGreaterThan(0.1);
    },
  );
});
