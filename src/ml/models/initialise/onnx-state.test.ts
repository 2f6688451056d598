import { describe, expect, it } from 'vitest';
import type { OnnxGraph, OnnxNode } from '../../onnx/graph.ts';
import { floatTensor, intTensor } from '../../onnx/tensor-values.ts';
import { onnxState } from './onnx-state.ts';

const node = (op: string, name: string, inputs: readonly string[], transB?: number): OnnxNode => ({
  name,
  op,
  domain: '',
  inputs: ['x', ...inputs],
  outputs: ['y'],
  attributes: new Map(transB === undefined ? [] : [['transB', { kind: 'int', value: transB }]]),
});

function graph(nodes: readonly OnnxNode[], weights: Readonly<Record<string, readonly number[]>>): OnnxGraph {
  const initializers = Object.entries(weights).map(([name, dims]) => {
    const count = dims.reduce((product, side) => product * side, 1);
    return [
      name,
      floatTensor(
        dims,
        Float32Array.from({ length: count }, (_, i) => i),
      ),
    ] as const;
  });
  return {
    opset: 17,
    otherDomains: new Map(),
    inputs: [],
    outputs: [],
    nodes,
    initializers: new Map([...initializers, ['axes', intTensor([2], [2, 3])]]),
  };
}

const shapes = (source: OnnxGraph) =>
  Object.fromEntries([...onnxState(source)].map(([name, { shape }]) => [name, shape]));

describe('onnxState', () => {
  it('keeps the names of an export that has them, and leaves operands that are no weights', () => {
    const nodes = [
      node('Conv', '/conv1/Conv', ['conv1.weight']),
      node('BatchNormalization', '/bn1/BatchNormalization', [
        'bn1.weight',
        'bn1.bias',
        'bn1.running_mean',
        'bn1.running_var',
      ]),
      node('Gemm', '/fc/Gemm', ['fc.weight', 'fc.bias'], 1),
    ];
    const bn = { 'bn1.weight': [4], 'bn1.bias': [4], 'bn1.running_mean': [4], 'bn1.running_var': [4] };
    const weights = {
      'conv1.weight': [4, 3, 3, 3],
      ...bn,
      'fc.weight': [2, 4],
      'fc.bias': [2],
      cls_token: [1, 1, 4],
    };
    expect(shapes(graph(nodes, weights))).toEqual(weights);
  });

  it('finds the module of a numbered tensor in the name of its node (TorchScript exporter)', () => {
    const nodes = [
      node('Conv', '/features/features.0/features.0.0/Conv', ['onnx::Conv_538', 'onnx::Conv_539']),
      node('Conv', '/layer1/layer1.0/conv1/Conv', ['onnx::Conv_196', 'onnx::Conv_197']),
    ];
    const weights = {
      'onnx::Conv_538': [8, 3, 3, 3],
      'onnx::Conv_539': [8],
      'onnx::Conv_196': [8, 8, 3, 3],
      'onnx::Conv_197': [8],
    };
    expect(shapes(graph(nodes, weights))).toEqual({
      'features.0.0.weight': [8, 3, 3, 3],
      'features.0.0.bias': [8],
      'layer1.0.conv1.weight': [8, 8, 3, 3],
      'layer1.0.conv1.bias': [8],
    });
  });

  it('takes the bias that folding has named after the weight (torch.export exporter)', () => {
    const nodes = [node('Conv', 'node_Conv_291', ['conv1.weight', 'conv1.weight_bias'])];
    expect(shapes(graph(nodes, { 'conv1.weight': [4, 3, 7, 7], 'conv1.weight_bias': [4] }))).toEqual({
      'conv1.weight': [4, 3, 7, 7],
      'conv1.bias': [4],
    });
  });

  it('turns linear weights that lie [in, out] round', () => {
    const nodes = [
      node('MatMul', '/blocks/blocks.0/attn/qkv/MatMul', ['onnx::MatMul_7']),
      node('Gemm', '/head/Gemm', ['onnx::Gemm_8', 'head.bias'], 0),
    ];
    const state = onnxState(
      graph(nodes, { 'onnx::MatMul_7': [2, 3], 'onnx::Gemm_8': [3, 2], 'head.bias': [2] }),
    );
    expect(state.get('blocks.0.attn.qkv.weight')).toEqual({
      shape: [3, 2],
      values: Float32Array.of(0, 3, 1, 4, 2, 5),
    });
    expect(state.get('head.weight')?.shape).toEqual([2, 3]);
  });
});
