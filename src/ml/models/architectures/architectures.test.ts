import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterEach, describe, expect, it } from 'vitest';
import { tf } from '../../runtime/tensorflow.ts';
import { architectures, type ArchitectureName } from './architectures.ts';

interface Oracle {
  readonly trainable: Readonly<Partial<Record<ArchitectureName, Readonly<Record<string, number>>>>>;
}
const oracle = JSON.parse(
  readFileSync(join(import.meta.dirname, 'architectures.oracle.json'), 'utf8'),
) as Oracle;
const cases = Object.entries(oracle.trainable).flatMap(([name, counts]) =>
  Object.entries(counts).map(
    ([classes, count]) => [name as ArchitectureName, Number(classes), count] as const,
  ),
);

describe('architectures', () => {
  afterEach(() => {
    tf.disposeVariables();
  });

  it.each(cases)(
    '%s with %i classes has as many trained weights as the reference: %i',
    (name, classes, count) => {
      const model = architectures[name]({ inputSize: 224, classes, seed: 1, weights: 'zero' });
      expect(trainedWeights(model)).toBe(count);
      model.dispose();
    },
  );

  it('draws the same weights from the same seed, others from another, and each tensor its own', () => {
    const build = (seed: number) => architectures['mobilenetv2-torch']({ inputSize: 32, classes: 5, seed });
    const kernel = (model: LayersModel, layer: string) => [
      ...(model.getLayer(layer).getWeights()[0]?.dataSync() ?? []),
    ];
    const [one, again, other] = [build(1), build(1), build(2)];
    expect(kernel(one, 'features.5.conv.0.0')).toEqual(kernel(again, 'features.5.conv.0.0'));
    expect(kernel(one, 'features.5.conv.0.0')).not.toEqual(kernel(other, 'features.5.conv.0.0'));
    // Blocks 5 and 6 have kernels of the same shape.
    expect(kernel(one, 'features.5.conv.0.0')).not.toEqual(kernel(one, 'features.6.conv.0.0'));
  });

  it('draws convolutions with the deviation of He et al. by fan-out, and linear layers within 1 / sqrt(fan in)', () => {
    const model = architectures['cifar-resnet18']({ inputSize: 32, classes: 7, seed: 3 });
    const kernel = model.getLayer('layer2.0.conv1').getWeights()[0];
    const { mean, variance } = tf.moments(kernel);
    expect(kernel.shape).toEqual([3, 3, 64, 128]);
    expect(mean.arraySync()).toBeCloseTo(0, 3);
    // 73,728 values: the deviation of their deviation is 0.26 %.
    expect(Math.sqrt(Number(variance.arraySync())) / Math.sqrt(2 / (9 * 128))).toBeCloseTo(1, 1.9);
    const head = model.getLayer('fc').getWeights();
    for (const weight of head) {
      const largest = Number(tf.max(tf.abs(weight)).arraySync());
      expect(largest).toBeGreaterThan(0);
      expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(512));
    }
  });

  it('refuses sides a network cannot take', () => {
    const refused = expect.objectContaining({ code: 'settings-invalid' }) as Error;
    expect(() => architectures['vit-s16']({ inputSize: 100, classes: 5, seed: 1 })).toThrow(refused);
    expect(() => architectures['inception-v3']({ inputSize: 64, classes: 5, seed: 1 })).toThrow(refused);
  });

  it('names the layers of a model file that is read again, and answers alike', async () => {
    const model = architectures.resnet18({ inputSize: 32, classes: 5, seed: 1 });
    const x = tf.randomUniform([1, 32, 32, 3], 0, 1, 'float32', 7);
    const artifacts = await new Promise<Parameters<typeof tf.io.fromMemory>[0]>((resolve, reject) => {
      model
        .save(
          tf.io.withSaveHandler((saved) => {
            resolve(saved);
            return Promise.resolve({
              modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' },
            });
          }),
        )
        .catch(reject);
    });
    const read = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    expect((read.predict(x) as typeof x).arraySync()).toEqual((model.predict(x) as typeof x).arraySync());
  });
});

function trainedWeights(model: LayersModel): number {
  const sizes = model.trainableWeights.map(({ shape }) =>
    shape.reduce<number>((size, side) => size * Number(side), 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
