import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { decodeGraph } from './decode-graph.ts';
import { GapFound, differentiableOperators, differentiate } from './differentiate.ts';
import { encodeGraph } from './encode-graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { modernise } from './modernise.ts';
import type { OperatorCase } from './operator-cases.ts';
import { cases, spread } from './operator-cases.ts';
import { observe } from './observe.ts';
import { integerOperands } from './operands.ts';
import { schema } from './schema.ts';
import { reconcile } from './shapes.ts';
import type { Shape } from './shapes.ts';

const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node');

interface Built {
  readonly forward: Uint8Array;
  readonly backward: Uint8Array;
}

/** The operator's result weighted by fixed numbers and summed, and the gradient graph of that sum. */
async function build({
  dims,
  build: write,
  opset = 18,
}: OperatorCase): Promise<Built & { weights: Float32Array }> {
  const g = new GraphBuilder(opset, 'g/');
  g.inputs.push({ name: 'x', type: 1, dims: dims.map((dim) => dim) });
  g.op('Identity', [write(g, 'x')], {}, 'y');
  g.outputs.push({ name: 'y', type: 1, dims: undefined });
  const forward = encodeGraph(g.graph());
  const message = schema.ModelProto.decode(forward);
  const graph = decodeGraph(message, 'case');
  const request = {
    inputName: 'x',
    inputSizes: dims,
    batches: [dims[0] ?? 1],
    everyTensor: true,
    integers: integerOperands(graph),
  };
  const [run] = await observe(message, request);
  const shapes = new Map<string, Shape>([['x', dims]]);
  for (const [name, sizes] of Object.entries(run?.sizes ?? {}))
    shapes.set(name, reconcile(sizes, sizes) ?? []);
  const source = {
    graph: modernise(graph, (name) => shapes.get(name)),
    shapes,
    integers: new Map(Object.entries(run?.integers ?? {})),
  };
  const sizes = run?.outputSizes ?? [];
  const weights = spread(
    sizes.reduce((p, d) => p * d, 1),
    -1,
    1.2,
  );
  const { builder, gradients } = differentiate(source, 'y', ['x'], (b) => b.floats(sizes, weights));
  builder.op('Identity', [gradients.get('x') ?? ''], {}, 'dx');
  builder.outputs.push({ name: 'dx', type: 1, dims: undefined });
  return { forward, backward: encodeGraph(builder.graph()), weights };
}

describe('gradient of each operator', () => {
  it.each(cases)('$title agrees with central differences', async (each) => {
    const { forward, backward, weights } = await build(each);
    const options = { intraOpNumThreads: 1, logSeverityLevel: 4 as const };
    const session = await ort.InferenceSession.create(forward, options);
    const count = each.dims.reduce((product, dim) => product * dim, 1);
    const [low = -1.5, high = 1.5] = each.range ?? [];
    const x = spread(count, low, high);
    const value = async (values: Float32Array): Promise<number> => {
      const { y } = await session.run({ x: new ort.Tensor('float32', values, each.dims) });
      return Array.from(y?.data as Float32Array).reduce(
        (sum, v, index) => sum + v * (weights[index] ?? 0),
        0,
      );
    };
    const gradientSession = await ort.InferenceSession.create(backward, options);
    const { dx } = await gradientSession.run({ x: new ort.Tensor('float32', x, each.dims) });
    const gradient = dx?.data as Float32Array;
    expect(gradient.length).toBe(count);
    const scale = gradient.reduce((most, v) => Math.max(most, Math.abs(v)), 0.1);
    const step = each.step ?? 1 / 256;
    for (let index = 0; index < count; index += Math.max(1, Math.floor(count / 40))) {
      const [up, down] = [x.slice(), x.slice()];
      up[index] = (x[index] ?? 0) + step;
      down[index] = (x[index] ?? 0) - step;
      const distance = (up[index] ?? 0) - (down[index] ?? 0);
      const expected = ((await value(up)) - (await value(down))) / distance;
      expect(Math.abs((gradient[index] ?? NaN) - expected) / scale).toBeLessThan(3e-3);
    }
    await session.release();
    await gradientSession.release();
  });

  it('covers every operator that has a rule', () => {
    const tested = new Set(cases.map(({ title }) => title.split(/[ ,]/)[0]));
    const renamed = ['Swish', 'Unsqueeze'];
    expect(differentiableOperators().filter((op) => !tested.has(op) && !renamed.includes(op))).toEqual([]);
  });

  it('names an operator without a rule', async () => {
    const each: OperatorCase = {
      title: 'CumSum',
      dims: [2, 3],
      build: (g, x) => g.op('CumSum', [x, g.tensor({ type: 7, dims: [], raw: new Uint8Array(8) })]),
    };
    await expect(build(each)).rejects.toThrow(GapFound);
    await expect(build(each)).rejects.toThrow(/CumSum/);
  });

  it('lets no gradient through a comparison', async () => {
    const each: OperatorCase = {
      title: 'Floor',
      dims: [2, 3],
      build: (g, x) => g.op('Add', [x, g.op('Floor', [x])]),
    };
    const { backward, weights } = await build(each);
    const session = await ort.InferenceSession.create(backward);
    const { dx } = await session.run({ x: new ort.Tensor('float32', spread(6), [2, 3]) });
    expect(Array.from(dx?.data as Float32Array)).toEqual(Array.from(weights));
  });
});
