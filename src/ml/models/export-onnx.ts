import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { Failure } from '../../shared/failure.ts';
import { encodeGraph } from '../onnx/encode-graph.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { ElementType } from '../onnx/schema.ts';
import { converterOf } from './export/converters.ts';
import { configOf, type LayerCall, type Layer } from './export/layer-call.ts';

const OPSET = 17;

/**
 * A layers model as the bytes of an ONNX file: opset 17, one input `image` [batch, 3, height, width] with values in
 * [0, 1], one output `logits` [batch, classes]. Batch normalisation right after a convolution is folded into it.
 * The input size must be fixed in the model. Throws Failure `model-unsupported` naming the layer that cannot be written.
 */
export function exportOnnx(model: LayersModel): Uint8Array {
  const [image, logits] = checkEnds(model);
  const builder = new GraphBuilder(OPSET, 'n');
  const consumers = countConsumers(logits);
  const known = new Map<number, string>([[image.id, 'image']]);

  const nameOf = (value: SymbolicTensor): string => {
    const done = known.get(value.id);
    if (done !== undefined) return done;
    const call = callOf(value, builder);
    const name = isModel(call.layer)
      ? inlined(call.layer, value)
      : converterOf(call)({
          ...call,
          inputs: () => value.inputs.map(nameOf),
          foldable: (input) => consumers.get(input.id) === 1,
          nameOf,
        });
    known.set(value.id, name);
    return name;
  };

  /** A model used as a layer: its graph is written in place, with its inputs standing for the outer values. */
  const inlined = (inner: LayersModel, value: SymbolicTensor): string => {
    if (inner.outputs.length !== 1) throw unsupported(inner.name, 'has several outputs');
    if (inner.inputs.some((input) => known.has(input.id)))
      throw unsupported(inner.name, 'is used more than once');
    inner.inputs.forEach((input, i) => known.set(input.id, nameOf(value.inputs[i])));
    for (const [id, count] of countConsumers(inner.outputs[0])) consumers.set(id, count);
    return nameOf(inner.outputs[0]);
  };

  const last = nameOf(logits);
  const [, height, width] = image.shape;
  const float32 = ElementType.float32;
  builder.inputs.push({ name: 'image', type: float32, dims: ['batch', 3, height ?? '', width ?? ''] });
  builder.outputs.push({ name: 'logits', type: float32, dims: ['batch', logits.shape[1] ?? ''] });
  builder.op('Identity', [last], {}, 'logits');
  return encodeGraph(builder.graph());
}

function checkEnds(model: LayersModel): readonly [SymbolicTensor, SymbolicTensor] {
  const [image] = model.inputs;
  const [logits] = model.outputs;
  if (model.inputs.length !== 1 || image.shape.length !== 4 || image.shape[3] !== 3) {
    throw unsupported(model.name, 'does not take one RGB image batch');
  }
  if (image.shape[1] === null || image.shape[2] === null) {
    throw unsupported(model.name, 'leaves its input size open');
  }
  if (model.outputs.length !== 1 || logits.shape.length !== 2) {
    throw unsupported(model.name, 'does not put out one row of logits');
  }
  const activation = configOf(logits.sourceLayer)['activation'];
  if (logits.sourceLayer.getClassName() === 'Softmax' || activation === 'softmax') {
    throw unsupported(model.name, 'ends in a softmax, not in logits');
  }
  return [image, logits];
}

/** How many layers read each value; a convolution read by its normalisation only can take it in. */
function countConsumers(output: SymbolicTensor): Map<number, number> {
  const counts = new Map<number, number>();
  const seen = new Set<number>();
  const visit = (value: SymbolicTensor): void => {
    if (seen.has(value.id)) return;
    seen.add(value.id);
    for (const input of value.inputs) {
      counts.set(input.id, (counts.get(input.id) ?? 0) + 1);
      visit(input);
    }
  };
  visit(output);
  return counts;
}

function callOf(
  value: SymbolicTensor,
  builder: GraphBuilder,
): Pick<LayerCall, 'layer' | 'config' | 'builder' | 'value'> {
  const layer = value.sourceLayer;
  return { layer, config: configOf(layer), builder, value };
}

function isModel(layer: Layer): layer is LayersModel {
  return 'layers' in layer;
}

function unsupported(name: string, reason: string): Failure {
  return new Failure('model-unsupported', `${name}: ${reason}, so that it cannot be written as ONNX`, {
    subject: name,
    hint: 'Use the model as a TensorFlow.js model, or build it from layers that can be exported.',
  });
}
