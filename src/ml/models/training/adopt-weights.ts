import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { readTfjsFiles } from '../tfjs-files.ts';

type Layer = LayersModel['layers'][number];

/**
 * Gives a network the weights of a layers model of the same architecture: by the names of the layers where all are found,
 * else in their order. The last layer keeps its new weights where the file has another number of classes, or no such
 * layer. Returns which it is. Throws Failure `model-unreadable`, `model-unsupported` or `model-not-finite`.
 */
export async function adoptWeights(model: LayersModel, path: string): Promise<'with its' | 'with a new'> {
  const { topology: modelTopology, weightSpecs, weightData } = await readTfjsFiles(path);
  const load = tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const source = await load.catch((cause: unknown) => {
    throw unfit(path, cause instanceof Error ? cause.message : String(cause));
  });
  try {
    const wanted = weighted(model);
    const found = weighted(source);
    const head = wanted.at(-1);
    const byName = new Map(found.map((layer) => [layer.name, layer]));
    const isNamed = wanted.slice(0, -1).every(({ name }) => byName.has(name));
    const partner = (layer: Layer, i: number): Layer | undefined =>
      isNamed ? byName.get(layer.name) : found.at(i);
    const fits = (layer: Layer, i: number): boolean => shapesOf(layer) === shapesOf(partner(layer, i));
    const misfit = wanted.findIndex((layer, i) => layer !== head && !fits(layer, i));
    if (misfit >= 0 || found.length < wanted.length - 1 || found.length > wanted.length) {
      const layer = wanted[Math.max(0, misfit)];
      throw unfit(path, `its layers are not those of this architecture (first at ${layer.name})`);
    }
    for (const [i, layer] of wanted.entries()) {
      if (fits(layer, i)) layer.setWeights(partner(layer, i)?.getWeights() ?? []);
    }
    return head !== undefined && fits(head, wanted.length - 1) ? 'with its' : 'with a new';
  } finally {
    source.dispose();
  }
}

function weighted(model: LayersModel): Layer[] {
  return model.layers.filter((layer) => layer.weights.length > 0);
}

function shapesOf(layer: Layer | undefined): string {
  return (
    layer
      ?.getWeights()
      .map(({ shape }) => shape.join('x'))
      .join(' ') ?? 'none'
  );
}

function unfit(path: string, reason: string): Failure {
  return new Failure('model-unsupported', `${path}: ${reason}`, {
    subject: path,
    hint: 'Name a model of the architecture that --arch names.',
  });
}
