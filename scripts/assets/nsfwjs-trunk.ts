import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The last layer that is kept: MobileNetV2's 1x1 convolution to 1,280 channels, normalised and activated. */
const LAST = 'out_relu';

const layerSchema = z.looseObject({ name: z.string(), config: z.looseObject({}) });
const modelSchema = z.object({
  modelTopology: z.looseObject({
    model_config: z.looseObject({
      config: z.looseObject({ layers: z.array(layerSchema), output_layers: z.array(z.unknown()) }),
    }),
  }),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string()).length(1),
        weights: z.array(
          z.looseObject({
            name: z.string(),
            shape: z.array(z.int()),
            quantization: z.looseObject({ dtype: z.literal('uint8') }),
          }),
        ),
      }),
    )
    .length(1),
});

/**
 * Cuts the classifier off the MobileNetV2 of nsfwjs 4.3.0 (a TensorFlow.js layers model in `source`, with its LICENSE) and
 * writes the trunk: the same layer names, the same stored bytes. Its own five classes say nothing about eyes.
 */
export async function cutNsfwjsTrunk(source: string, folder: string): Promise<readonly string[]> {
  const model = modelSchema.parse(JSON.parse(await readFile(join(source, 'model.json'), 'utf8')));
  const [group] = model.weightsManifest;
  const { config } = model.modelTopology.model_config;
  const end = config.layers.findIndex(({ name }) => name === LAST);
  if (group === undefined || end < 0) throw new Error(`${source}: no layer ${LAST}`);
  config.layers = config.layers.slice(0, end + 1);
  config.output_layers = [[LAST, 0, 0]];
  const kept = new Set(config.layers.map(({ name }) => name));

  const stored = await readFile(join(source, group.paths[0] ?? ''));
  const weights: typeof group.weights = [];
  const bytes: Buffer[] = [];
  let from = 0;
  for (const weight of group.weights) {
    const to = from + weight.shape.reduce((product, side) => product * side, 1);
    if (kept.has(weight.name.split('/')[0] ?? '')) {
      weights.push(weight);
      bytes.push(stored.subarray(from, to));
    }
    from = to;
  }
  if (from !== stored.length) throw new Error(`${source}: ${stored.length} bytes of weights, expected ${from}`);
  await mkdir(folder, { recursive: true });
  const weightsManifest = [{ paths: ['weights.bin'], weights }];
  const written = { format: 'layers-model', modelTopology: model.modelTopology, weightsManifest };
  await writeFile(join(folder, 'model.json'), JSON.stringify(written));
  await writeFile(join(folder, 'weights.bin'), Buffer.concat(bytes));
  await writeFile(join(folder, 'LICENSE'), await readFile(join(source, 'LICENSE')));
  await writeFile(join(folder, 'card.json'), `${JSON.stringify(CARD, null, 2)}\n`);
  return ['model.json', 'weights.bin', 'LICENSE', 'card.json'];
}

const CARD = {
  name: 'mobilenetv2-nsfwjs',
  architecture: 'mobilenetv2',
  ancestry: 'photographs: the MobileNetV2 of nsfwjs 4.3.0, itself trained from weights for natural images',
  licence: 'MIT',
  credit: 'nsfwjs, Copyright (c) 2019 Infinite Red, Inc. (LICENSE beside this file)',
  purpose: 'Start for training a grader on own images; grades nothing by itself.',
  input: 'RGB in [0, 1], square of a multiple of 32',
  madeBy: 'npm run make:assets -- --only backbones; stored bytes unchanged, classifier cut off',
};
