import { basename } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkFinite } from '../../onnx/check-weights.ts';
import { decodeGraph } from '../../onnx/decode-graph.ts';
import { readModel } from '../../onnx/read-model.ts';
import { refuseWhenNothingFits, type InitialisationReport } from './initialisation-report.ts';
import { onnxState } from './onnx-state.ts';
import { takeLayers } from './take-layers.ts';
import { takeState } from './take-state.ts';

/**
 * Gives a network the weights of a file: .onnx (as PyTorch exports it) or a TensorFlow.js layers model (model.json), by name
 * and shape. What the file lacks keeps its value. Throws Failure `model-unsupported` when nothing fits, and where a layers
 * model differs in more than its last layer; `model-unreadable` or `model-not-finite`.
 */
export async function initialise(model: LayersModel, path: string): Promise<InitialisationReport> {
  return path.toLowerCase().endsWith('.onnx') ? fromOnnx(model, path) : takeLayers(model, path);
}

async function fromOnnx(model: LayersModel, path: string): Promise<InitialisationReport> {
  const file = await readModel(path);
  const graph = decodeGraph(file.message, basename(path));
  checkFinite(graph, basename(path));
  const report = takeState(model, onnxState(graph));
  refuseWhenNothingFits(path, model.name, report);
  return report;
}
