import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { Failure } from '../../../shared/failure.ts';
import { deriveSeed } from '../../random.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { apply } from '../architectures/blocks.ts';
import { registerOwnLayers } from '../architectures/own-layers.ts';
import { readTfjsFiles } from '../tfjs-files.ts';

export interface BackboneOptions {
  /** Side of the square input in pixels, a multiple of 32. */
  readonly inputSize: number;
  readonly classes: number;
  /** Decides the new head's weights. */
  readonly seed: number;
  /** Share of the pooled features left out at random while training. */
  readonly dropout?: number;
}

// Batch statistics of a short fine-tuning have to replace those of the images a backbone comes from.
const MOMENTUM = 0.9;

const networkSchema = z.looseObject({
  layers: z.array(z.looseObject({ class_name: z.string(), config: z.record(z.string(), z.unknown()) })),
});
/** Keras nests the description once more than TensorFlow.js does. */
const kerasSchema = z.looseObject({ model_config: z.looseObject({ config: networkSchema }) });
const tfjsSchema = z.looseObject({ config: networkSchema });

/**
 * A grader with new logits over a backbone (a layers model that puts out a feature map), every layer to be trained. Takes
 * RGB in [0, 1]. Throws Failure `model-unreadable`, `model-unsupported` or `model-not-finite`.
 */
export async function openBackbone(path: string, options: BackboneOptions): Promise<LayersModel> {
  const files = await readTfjsFiles(path);
  registerOwnLayers();
  const { topology, layers } = parseTopology(files.topology, path);
  for (const { class_name: kind, config } of layers) {
    config['trainable'] = true;
    if (kind === 'BatchNormalization') config['momentum'] = MOMENTUM;
    if (kind === 'InputLayer') config['batch_input_shape'] = [null, options.inputSize, options.inputSize, 3];
  }
  const { weightSpecs, weightData } = files;
  const trunk = await tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology: topology, weightSpecs, weightData }),
  );
  const [features] = trunk.outputs;
  if (features?.shape.length !== 4) {
    throw new Failure('model-unsupported', `${path}: puts out no feature map`, {
      subject: path,
      hint: 'A backbone ends before pooling; name one that `medlocker models` lists, or a whole grader.',
    });
  }
  const pooled = apply(tf.layers.globalAveragePooling2d({ name: 'pool' }), features);
  const { dropout: rate = 0, seed } = options;
  const kept =
    rate === 0
      ? pooled
      : apply(tf.layers.dropout({ rate, seed: deriveSeed(seed, 'dropout'), name: 'dropout' }), pooled);
  const kernelInitializer = tf.initializers.glorotNormal({ seed: deriveSeed(seed, 'logits') });
  const head = tf.layers.dense({ units: options.classes, name: 'logits', kernelInitializer });
  return tf.model({
    inputs: trunk.inputs,
    outputs: apply(head, kept),
    name: files.name.replaceAll('-', '_'),
  });
}

function parseTopology(
  topology: unknown,
  path: string,
): { topology: Record<string, unknown>; layers: z.infer<typeof networkSchema>['layers'] } {
  const keras = kerasSchema.safeParse(topology);
  if (keras.success) return { topology: keras.data, layers: keras.data.model_config.config.layers };
  const tfjs = tfjsSchema.safeParse(topology);
  if (tfjs.success) return { topology: tfjs.data, layers: tfjs.data.config.layers };
  throw new Failure('model-unsupported', `${path}: not a network of layers`, {
    subject: path,
    hint: 'Name a layers model, as `medlocker train` writes it.',
  });
}
