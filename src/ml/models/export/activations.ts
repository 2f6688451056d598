import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import { unsupportedLayer, type Layer } from './layer-call.ts';

/** Writes an activation by its Keras name over a value; `linear` writes nothing. `channelAxis` is that of a softmax. */
export function writeActivation(
  builder: GraphBuilder,
  name: unknown,
  x: string,
  layer: Layer,
  channelAxis: number,
): string {
  switch (name) {
    case undefined:
    case null:
    case 'linear':
      return x;
    case 'relu':
      return builder.op('Relu', [x]);
    case 'relu6':
      return builder.op('Clip', [x, builder.scalar(0), builder.scalar(6)]);
    case 'sigmoid':
      return builder.op('Sigmoid', [x]);
    case 'tanh':
      return builder.op('Tanh', [x]);
    case 'elu':
      return builder.op('Elu', [x], { alpha: { float: 1 } });
    case 'selu':
      return builder.op('Selu', [x]);
    case 'softplus':
      return builder.op('Softplus', [x]);
    case 'softsign':
      return builder.op('Softsign', [x]);
    case 'hardSigmoid':
    case 'hard_sigmoid':
      return builder.op('HardSigmoid', [x], { alpha: { float: 0.2 }, beta: { float: 0.5 } });
    case 'swish':
      return builder.op('Mul', [x, builder.op('Sigmoid', [x])]);
    case 'mish':
      return builder.op('Mul', [x, builder.op('Tanh', [builder.op('Softplus', [x])])]);
    case 'gelu': {
      // Opset 20 has an operator for it; this graph is of 17.
      const erf = builder.op('Erf', [builder.op('Mul', [x, builder.scalar(Math.SQRT1_2)])]);
      const share = builder.op('Mul', [builder.op('Add', [erf, builder.scalar(1)]), builder.scalar(0.5)]);
      return builder.op('Mul', [x, share]);
    }
    case 'softmax':
      return builder.op('Softmax', [x], { axis: channelAxis });
    default:
      throw unsupportedLayer(layer, `has the activation ${JSON.stringify(name)}`);
  }
}
