import type { DifferentiableGraph } from './differentiate.ts';
import { differentiate } from './differentiate.ts';
import type { FeaturePlace } from './feature-place.ts';
import { camNodes } from './feature-place.ts';
import type { OnnxGraph } from './graph.ts';
import { ElementType } from './schema.ts';
import { BATCH_AXIS, declaredSizes } from './shapes.ts';

/** Names of the extra inputs and outputs of a gradient graph. */
export const GRADIENT_NAMES = {
  scale: 'ml/scale',
  offset: 'ml/offset',
  gradient: 'ml/gradient',
  cam: 'ml/cam',
} as const;

export interface GradientGraphRequest {
  readonly image: string;
  readonly logits: string;
  readonly classes: number;
  /** The last spatial features, for Grad-CAM; undefined leaves that output out. */
  readonly features: FeaturePlace | undefined;
}

/**
 * Forward and backward in one graph. Inputs: the image, `scale` [batch, 1] and `offset` [batch, classes].
 * Outputs: the logits and the gradient of the image for the seed
 *   d loss / d logits = scale * softmax(logits) + offset,
 * which is exact in one session for losses whose derivative has this form (cross-entropy: scale 1, offset -onehot) and
 * serves any other loss with scale 0 and the derivative itself as offset.
 * Throws `GapFound` where an operator has no gradient.
 */
export function gradientGraph(source: DifferentiableGraph, request: GradientGraphRequest): OnnxGraph {
  const { image, logits, classes, features } = request;
  const targets = features === undefined ? [image] : [image, features.tensor];
  const { builder, gradients } = differentiate(source, logits, targets, (write) => {
    const probabilities = write.op('Softmax', [logits], { axis: -1 });
    const scaled = write.op('Mul', [probabilities, GRADIENT_NAMES.scale]);
    return write.op('Add', [scaled, GRADIENT_NAMES.offset]);
  });
  const dx = gradients.get(image);
  if (dx === undefined) throw new Error(`the logits do not depend on "${image}"`);
  builder.op('Identity', [dx], {}, GRADIENT_NAMES.gradient);
  const size = declaredSizes(source.shapes.get(image) ?? []);
  const [batch = BATCH_AXIS] = size ?? [];
  builder.inputs.splice(0, builder.inputs.length, { name: image, type: ElementType.float32, dims: size });
  builder.inputs.push(
    { name: GRADIENT_NAMES.scale, type: ElementType.float32, dims: [batch, 1] },
    { name: GRADIENT_NAMES.offset, type: ElementType.float32, dims: [batch, classes] },
  );
  builder.outputs.push(...source.graph.outputs, {
    name: GRADIENT_NAMES.gradient,
    type: ElementType.float32,
    dims: undefined,
  });
  const slope = features === undefined ? undefined : gradients.get(features.tensor);
  if (features !== undefined && slope !== undefined) {
    camNodes(builder, features, slope, GRADIENT_NAMES.cam);
    builder.outputs.push({ name: GRADIENT_NAMES.cam, type: ElementType.float32, dims: undefined });
  }
  return builder.graph(source.graph.otherDomains);
}
