import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { Failure } from '../../../shared/failure.ts';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';

export type Layer = LayersModel['layers'][number];

/** One use of a layer in a model, and what a converter needs to write it. Values of rank 4 are NCHW in the new graph. */
export interface LayerCall {
  readonly layer: Layer;
  readonly config: Readonly<Record<string, unknown>>;
  readonly builder: GraphBuilder;
  /** The layer's output. */
  readonly value: SymbolicTensor;
  /** Names of its inputs in the new graph; asking writes the layers before this one. */
  inputs(): readonly string[];
  /** Whether nothing else reads an input, so that its layer may be merged into this one. */
  foldable(input: SymbolicTensor): boolean;
  /** Name of any value, written on demand. */
  nameOf(value: SymbolicTensor): string;
}

/** Writes the layer's nodes and returns the name of its output. */
export type Converter = (call: LayerCall) => string;

export function configOf(layer: Layer): Readonly<Record<string, unknown>> {
  return layer.getConfig();
}

/** A layer's weight by the end of its name ("kernel", "moving_mean", ...), or undefined where it has none. */
export function weightOf(layer: Layer, name: string): { shape: number[]; values: Float32Array } | undefined {
  const found = layer.weights.find((weight) => weight.originalName.split('/').at(-1) === name);
  if (found === undefined) return undefined;
  const tensor: Tensor = found.read();
  return { shape: tensor.shape, values: tensor.dataSync<'float32'>() };
}

export function requiredWeight(layer: Layer, name: string): { shape: number[]; values: Float32Array } {
  const weight = weightOf(layer, name);
  if (weight === undefined) throw unsupportedLayer(layer, `has no weight "${name}"`);
  return weight;
}

export function unsupportedLayer(layer: Layer, reason: string): Failure {
  const subject = `${layer.getClassName()} "${layer.name}"`;
  return new Failure('model-unsupported', `${subject} ${reason}, so that it cannot be written as ONNX`, {
    subject: layer.name,
    hint: 'Use the model as a TensorFlow.js model, or build it from layers that can be exported.',
  });
}

/** A configuration value that must be a whole number or a list of them (the same one for rows and columns). */
export function pair(value: unknown, fallback: number): readonly [number, number] {
  if (typeof value === 'number') return [value, value];
  if (Array.isArray(value)) return [Number(value[0]), Number(value[1] ?? value[0])];
  return [fallback, fallback];
}

/** Rows, columns and channels of a rank-4 value, which must be fixed. */
export function imageShape(layer: Layer, value: SymbolicTensor): readonly [number, number, number] {
  const [, rows, columns, channels] = value.shape;
  if (value.shape.length !== 4 || rows === null || columns === null || channels === null) {
    throw unsupportedLayer(layer, `meets a value of shape [${value.shape.join(', ')}]`);
  }
  return [rows, columns, channels];
}

/** Layers can keep channels first; nothing here writes that. */
export function requireChannelsLast(call: Pick<LayerCall, 'config' | 'layer'>): void {
  const format = call.config['dataFormat'] ?? call.config['data_format'];
  if (format === 'channelsFirst' || format === 'channels_first') {
    throw unsupportedLayer(call.layer, 'keeps channels first');
  }
}
