import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { readTfjsFiles } from '../tfjs-files.ts';
import { refuseWhenNothingFits, type InitialisationReport } from './initialisation-report.ts';

/**
 * Puts the weights of a TensorFlow.js layers model (model.json) into a network of the same architecture, by `layer/weight`.
 * Only the last layer may differ: it then keeps what it had. Keras' MobileNetV2 (the bundled trunk, nsfwjs) fits
 * `mobilenetv2`, which pads as Keras does and takes [0, 1]; `mobilenetv2-torch` pads alike on both sides and is named
 * otherwise, so that neither takes the other's weights.
 *
 * @throws Failure model-unreadable, model-not-finite, or model-unsupported, with the network untouched
 */
export async function takeLayers(model: LayersModel, path: string): Promise<InitialisationReport> {
  const { weightData, weightSpecs } = await readTfjsFiles(path);
  const stored = tf.io.decodeWeights(weightData, weightSpecs);
  try {
    const byName = new Map(Object.entries(stored).map(([name, tensor]) => [shortName(name), tensor]));
    const wanted = model.weights.map((weight) => {
      const name = shortName(weight.originalName);
      return { weight, name, shape: weight.shape.map(Number), found: byName.get(name) };
    });
    const fitting = wanted.filter(({ shape, found }) => found?.shape.join() === shape.join());
    const others = wanted.filter((entry) => !fitting.includes(entry));
    const names = new Set(wanted.map(({ name }) => name));
    const report: InitialisationReport = {
      taken: fitting.map(({ name }) => name),
      share: sizeOf(fitting) / Math.max(1, sizeOf(wanted)),
      left: others.filter(({ found }) => found === undefined).map(({ name }) => name),
      misfits: others.flatMap(({ name, shape, found }) =>
        found === undefined ? [] : [{ name, file: found.shape, network: shape }],
      ),
      unused: [...byName.keys()].filter((name) => !names.has(name)),
    };
    refuseWhenNothingFits(path, model.name, report);
    const head = model.layers.findLast(({ weights }) => weights.length > 0)?.weights ?? [];
    const missing = others.find(({ weight }) => !head.includes(weight));
    if (missing !== undefined) throw otherArchitecture(path, missing.name);
    for (const { weight, found } of fitting) if (found !== undefined) weight.write(found);
    return report;
  } finally {
    tf.dispose(stored);
  }
}

/** Keras puts the names of outer models and scopes before `layer/weight`. */
function shortName(name: string): string {
  return name.split('/').slice(-2).join('/');
}

function sizeOf(entries: readonly { readonly shape: readonly number[] }[]): number {
  return entries.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

function otherArchitecture(path: string, name: string): Failure {
  return new Failure(
    'model-unsupported',
    `${path}: its layers are not those of this architecture (first at ${name})`,
    { subject: path, hint: 'Name a model of the architecture that --arch names.' },
  );
}
