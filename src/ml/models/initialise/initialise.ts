import { basename } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkFinite } from '../../onnx/check-weights.ts';
import { decodeGraph } from '../../onnx/decode-graph.ts';
import { readModel } from '../../onnx/read-model.ts';
import { tf } from '../../runtime/tensorflow.ts';
import { readTfjsFiles } from '../tfjs-files.ts';
import { refuseWhenNothingFits, type InitialisationReport, type Misfit } from './initialisation-report.ts';
import { onnxState } from './onnx-state.ts';
import { takeState } from './take-state.ts';

/**
 * Gives a network the weights of a file: .onnx (as PyTorch exports it) or a TensorFlow.js layers model (model.json), by name
 * and shape. What the file lacks keeps its value. Throws Failure `model-unsupported` when nothing fits, `model-unreadable`
 * or `model-not-finite`.
 */
export async function initialise(model: LayersModel, path: string): Promise<InitialisationReport> {
  const fromOnnx = path.toLowerCase().endsWith('.onnx');
  return fromOnnx ? initialiseFromOnnx(model, path) : initialiseFromLayersModel(model, path);
}

async function initialiseFromOnnx(model: LayersModel, path: string): Promise<InitialisationReport> {
  const file = await readModel(path);
  const graph = decodeGraph(file.message, basename(path));
  checkFinite(graph, basename(path));
  const report = takeState(model, onnxState(graph));
  refuseWhenNothingFits(path, model.name, report);
  return report;
}

/**
 * From a layers model, by `layer/weight`. Keras' MobileNetV2 (the bundled trunk, nsfwjs) fits `mobilenetv2`, which pads as
 * Keras does and takes [0, 1]; `mobilenetv2-torch` pads alike on both sides and is named otherwise, so that neither takes
 * the other's weights.
 */
async function initialiseFromLayersModel(model: LayersModel, path: string): Promise<InitialisationReport> {
  const { weightData, weightSpecs } = await readTfjsFiles(path);
  const stored = tf.io.decodeWeights(weightData, weightSpecs);
  try {
    const byName = new Map(Object.entries(stored).map(([name, tensor]) => [shortName(name), tensor]));
    const taken: string[] = [];
    const left: string[] = [];
    const misfits: Misfit[] = [];
    const used = new Set<string>();
    let [takenSize, size] = [0, 0];
    for (const weight of model.weights) {
      const name = shortName(weight.originalName);
      const network = weight.shape.map(Number);
      const count = network.reduce((product, side) => product * side, 1);
      size += count;
      const found = byName.get(name);
      if (found === undefined) {
        left.push(name);
        continue;
      }
      used.add(name);
      if (found.shape.join() === network.join()) {
        weight.write(found);
        taken.push(name);
        takenSize += count;
      } else {
        misfits.push({ name, file: found.shape, network });
      }
    }
    const unused = [...byName.keys()].filter((name) => !used.has(name));
    const report = { taken, share: takenSize / Math.max(1, size), left, misfits, unused };
    refuseWhenNothingFits(path, model.name, report);
    return report;
  } finally {
    tf.dispose(stored);
  }
}

/** Keras puts the names of outer models and scopes before `layer/weight`. */
function shortName(name: string): string {
  return name.split('/').slice(-2).join('/');
}
