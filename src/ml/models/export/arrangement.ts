import { unsupportedLayer, type LayerCall } from './layer-call.ts';

/** Flatten: TensorFlow reads channels last, so images are turned back before their elements are lined up. */
export function writeFlatten({ builder, inputs, value }: LayerCall): string {
  const image = value.inputs[0].shape.length === 4;
  return builder.op('Flatten', [image ? toChannelsLast(builder, inputs()[0]) : inputs()[0]], { axis: 1 });
}

export function writeReshape({ builder, inputs, layer, value }: LayerCall): string {
  const from = value.inputs[0].shape;
  const to = value.shape.slice(1);
  if (to.some((side) => side === null)) throw unsupportedLayer(layer, 'has an open shape');
  const ordered = from.length === 4 ? toChannelsLast(builder, inputs()[0]) : inputs()[0];
  const reshaped = builder.op('Reshape', [ordered, builder.ints([0, ...to.map(Number)])]);
  return to.length === 3 ? builder.op('Transpose', [reshaped], { perm: [0, 3, 1, 2] }) : reshaped;
}

export function writeConcatenate({ builder, config, inputs, value }: LayerCall): string {
  const rank = value.shape.length;
  const given = Number(config['axis'] ?? -1);
  const axis = given < 0 ? given + rank : given;
  return builder.op('Concat', inputs(), { axis: rank === 4 ? [0, 2, 3, 1][axis] : axis });
}

/** Elementwise merging of two or more values of equal rank. */
export function writeMerge(
  { builder, inputs, layer, value }: LayerCall,
  op: 'Add' | 'Mul' | 'Mean' | 'Max' | 'Min',
): string {
  if (value.inputs.some(({ shape }) => shape.length !== value.shape.length)) {
    throw unsupportedLayer(layer, 'merges values of different ranks');
  }
  // Add and Mul take exactly two values, the others any number.
  if (op !== 'Add' && op !== 'Mul') return builder.op(op, inputs());
  const [first, ...others] = inputs();
  return others.reduce((sum, next) => builder.op(op, [sum, next]), first);
}

function toChannelsLast(builder: LayerCall['builder'], x: string): string {
  return builder.op('Transpose', [x], { perm: [0, 2, 3, 1] });
}
