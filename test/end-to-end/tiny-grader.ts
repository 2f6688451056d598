import { writeFile } from 'node:fs/promises';
import { encodeGraph } from '../../src/ml/onnx/encode-graph.ts';
import { GraphBuilder } from '../../src/ml/onnx/graph-builder.ts';
import { createRandom } from '../../src/ml/random.ts';

/** Side of the grader's input in pixels: small, so that a test's search takes a moment. */
const side = 32;
const classes = 5;

/**
 * Writes an ONNX grader with random weights: convolution, ReLU, mean over the picture, linear. It knows nothing about eyes; its
 * answers depend on the pixels, which is all a job needs.
 */
export async function writeTinyGrader(path: string, seed: number): Promise<void> {
  const random = createRandom(seed);
  const normal = (count: number, scale: number) =>
    Float32Array.from({ length: count }, () => scale * random.normal());
  const filters = 6;
  const builder = new GraphBuilder(17, 'tiny/');
  builder.inputs.push({ name: 'image', type: 1, dims: ['batch', 3, side, side] });
  const kernel = builder.floats([filters, 3, 5, 5], normal(filters * 75, 0.4));
  const features = builder.op('Conv', ['image', kernel], {
    strides: [3, 3],
    pads: [2, 2, 2, 2],
    kernel_shape: [5, 5],
  });
  const active = builder.op('Relu', [features]);
  const flat = builder.op('Flatten', [active], { axis: 1 });
  const cells = 11 * 11;
  const weights = builder.floats([classes, filters * cells], normal(classes * filters * cells, 0.25));
  builder.op('Gemm', [flat, weights], { transB: 1 }, 'logits');
  builder.outputs.push({ name: 'logits', type: 1, dims: ['batch', classes] });
  await writeFile(path, encodeGraph(builder.graph()));
}
