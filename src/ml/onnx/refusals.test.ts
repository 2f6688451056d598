import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureCode } from '../../shared/failure.ts';
import { Failure } from '../../shared/failure.ts';
import { openOnnxClassifier } from '../models/onnx-classifier.ts';
import { crossEntropy } from '../models/losses.ts';
import { tf } from '../runtime/tensorflow.ts';
import { encodeGraph } from './encode-graph.ts';
import { GraphBuilder } from './graph-builder.ts';
import { inspectOnnx } from './inspect.ts';
import { schema } from './schema.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'medlocker-onnx-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Variation {
  dims?: (number | string)[];
  type?: number;
  classes?: number;
  opset?: number;
  weights?: (values: Float32Array) => Float32Array;
  head?: (g: GraphBuilder, logits: string) => string;
  more?: (g: GraphBuilder) => void;
}

/** A small convolutional grader over 16 x 16 images, with one thing made different. */
function grader(variation: Variation = {}): Uint8Array {
  const { dims = ['n', 3, 16, 16], type = 1, classes = 4, opset = 17, weights = (v) => v, head } = variation;
  const g = new GraphBuilder(opset, 'g/');
  const nhwc = dims.length === 4 && dims[3] === 3 && dims[1] !== 3;
  g.inputs.push({ name: 'image', type, dims });
  const values = Float32Array.from({ length: 4 * 27 }, (_, i) => Math.sin(i * 1.7) / 3);
  const kernel = g.tensor({ type: 1, dims: [4, 3, 3, 3], raw: bytes(weights(values)) }, 'kernel');
  const x = nhwc ? g.op('Transpose', ['image'], { perm: [0, 3, 1, 2] }) : 'image';
  const features = g.op('Relu', [g.op('Conv', [x, kernel], { pads: [1, 1, 1, 1], strides: [2, 2] })]);
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [features])]);
  const dense = g.floats(
    [classes, 4],
    Float32Array.from({ length: classes * 4 }, (_, i) => Math.cos(i * 2.3)),
  );
  const logits = g.op('Gemm', [pooled, dense], { transB: 1 });
  g.op('Identity', [head ? head(g, logits) : logits], {}, 'logits');
  g.outputs.push({ name: 'logits', type: 1, dims: ['n', classes] });
  variation.more?.(g);
  return encodeGraph(g.graph());
}

function bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

async function save(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function refusal(path: string): Promise<{ code: FailureCode; message: string; hint: string }> {
  try {
    await inspectOnnx(path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { code: error.code, message: error.message, hint: error.hint ?? '' };
  }
  throw new Error('the model was accepted');
}

describe('a sound grader', () => {
  it('is told in full', async () => {
    const told = await inspectOnnx(await save('sound.onnx', grader()));
    expect(told).toMatchObject({
      name: 'sound',
      opset: 17,
      producer: 'medlocker',
      layout: 'NCHW',
      inputHeight: 16,
      inputWidth: 16,
      classes: 4,
      batch: 'any',
      parameters: 4 * 27 + 16,
      gradients: { supported: true, gaps: [] },
      gradCam: { rows: 8, columns: 8 },
    });
    expect(told.operators).toEqual({
      Conv: 1,
      Relu: 1,
      GlobalAveragePool: 1,
      Flatten: 1,
      Gemm: 1,
      Identity: 1,
    });
  });

  it('gives the same logits and gradients with channels last, with a fixed batch and with normalisation undone', async () => {
    const x = tf.tensor4d(
      Float32Array.from({ length: 3 * 768 }, (_, i) => (i * 0.381) % 1),
      [3, 16, 16, 3],
    );
    const loss = crossEntropy([0, 1, 2], 4);
    const reference = await openOnnxClassifier(await save('nchw.onnx', grader()), { threads: 1 });
    const expected = await reference.inputGradient(x, loss);
    const variants: [string, Variation][] = [
      ['nhwc.onnx', { dims: ['n', 16, 16, 3] }],
      ['one.onnx', { dims: [1, 3, 16, 16] }],
      ['two.onnx', { dims: [2, 3, 16, 16] }],
      ['open.onnx', { dims: ['n', 3, 'h', 'w'] }],
    ];
    for (const [name, variation] of variants) {
      const preprocessing = name === 'open.onnx' ? { size: 16 } : undefined;
      const other = await openOnnxClassifier(await save(name, grader(variation)), {
        threads: 1,
        preprocessing,
      });
      const result = await other.inputGradient(x, loss);
      expect(tf.max(tf.abs(tf.sub(result.logits, expected.logits))).dataSync()[0]).toBeLessThan(1e-5);
      expect(tf.max(tf.abs(tf.sub(result.gradient, expected.gradient))).dataSync()[0]).toBeLessThan(1e-6);
      other.dispose();
    }
    // Blue first, shifted and scaled: undone by hand outside.
    await save(
      'described.medlocker.json',
      JSON.stringify({ mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 2], channels: 'bgr' }),
    );
    const described = await openOnnxClassifier(await save('described.onnx', grader()), { threads: 1 });
    const moved = tf.add(tf.mul(tf.reverse(x, 3), tf.tensor1d([0.5, 0.25, 2])), tf.tensor1d([0.1, 0.2, 0.3]));
    const result = await described.inputGradient(moved as typeof x, loss);
    expect(tf.max(tf.abs(tf.sub(result.logits, expected.logits))).dataSync()[0]).toBeLessThan(1e-4);
    const back = tf.mul(tf.reverse(tf.mul(result.gradient, tf.tensor1d([0.5, 0.25, 2])), 3), 1);
    expect(tf.max(tf.abs(tf.sub(back, expected.gradient))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('may end with a softmax if its description says to leave it out, and the change is told', async () => {
    const path = await save('head.onnx', grader({ head: (g, z) => g.op('Softmax', [z], { axis: 1 }) }));
    expect(await refusal(path)).toMatchObject({
      code: 'model-unsupported',
      hint: expect.stringContaining('stripSoftmax'),
    });
    const told = await inspectOnnx(path, { stripSoftmax: true });
    expect(told.changes).toHaveLength(1);
  });

  it('without gradient can judge but not guide', async () => {
    const path = await save(
      'victim.onnx',
      grader({
        head: (g, z) =>
          g.op('CumSum', [z, g.tensor({ type: 7, dims: [], raw: new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]) })]),
      }),
    );
    expect((await inspectOnnx(path)).gradients).toMatchObject({
      supported: false,
      gaps: [{ operator: 'CumSum' }],
    });
    const victim = await openOnnxClassifier(path, { threads: 1 });
    const x = tf.tensor4d(new Float32Array(768), [1, 16, 16, 3]);
    expect((await victim.logits(x)).shape).toEqual([1, 4]);
    await expect(victim.inputGradient(x, crossEntropy([0], 4))).rejects.toThrow(/CumSum/);
  });
});

describe('what is refused, and why', () => {
  const unsupported: [string, Variation, RegExp][] = [
    ['one channel', { dims: ['n', 1, 16, 16] }, /three channels/],
    ['rank 3', { dims: [3, 16, 16] }, /shape \[3, 16, 16\]/],
    ['bytes in', { type: 2 }, /uint8/],
    ['half precision', { type: 10 }, /float16/],
    ['one class', { classes: 1 }, /two or more/],
    ['old operators', { opset: 8 }, /operator set 8/],
    ['future operators', { opset: 40 }, /operator set 40/],
    ['a sigmoid head', { head: (g, z) => g.op('Sigmoid', [z]) }, /Sigmoid/],
    [
      'a composed softmax',
      { head: (g, z) => g.op('Exp', [g.op('LogSoftmax', [z], { axis: 1 })]) },
      /probabilities/,
    ],
    ['two outputs', { more: (g) => g.outputs.push({ name: 'g/1', type: 1, dims: undefined }) }, /2 outputs/],
    ['two inputs', { more: (g) => g.inputs.push({ name: 'age', type: 1, dims: [1] }) }, /2 inputs/],
    ['no such operator', { head: (g, z) => g.op('Nonsense', [z]) }, /ONNX Runtime refuses/],
    [
      'a foreign operator',
      {
        more: (g) => {
          g.nodes[0] = {
            name: '',
            op: 'Fancy',
            domain: 'acme',
            inputs: [],
            outputs: [],
            attributes: new Map(),
          };
        },
      },
      /Fancy.*acme/,
    ],
  ];
  it.each(unsupported)('%s', async (title, variation, reason) => {
    const { code, message, hint } = await refusal(
      await save(`${title.replaceAll(' ', '-')}.onnx`, grader(variation)),
    );
    expect(code).toBe('model-unsupported');
    expect(message).toMatch(reason);
    expect(message).not.toContain('\n');
    expect(hint.length + message.length).toBeGreaterThan(10);
  });

  it('weights that are not finite, by their name', async () => {
    for (const bad of [NaN, Infinity]) {
      const path = await save('bad.onnx', grader({ weights: (v) => v.with(5, bad) }));
      expect(await refusal(path)).toMatchObject({
        code: 'model-not-finite',
        message: expect.stringContaining('"kernel"'),
      });
    }
  });

  it('files that are missing, empty, folders or something else', async () => {
    const path = await save('text.onnx', 'this is a text, not a model');
    for (const wrong of [join(folder, 'absent.onnx'), await save('empty.onnx', ''), folder, path]) {
      expect((await refusal(wrong)).code).toBe('model-unreadable');
    }
  });

  it('a description with mistakes', async () => {
    const path = await save('odd.onnx', grader());
    for (const text of ['{', '{"std": [0, 1, 1]}', '{"meen": [0, 0, 0]}', '{"size": -3}']) {
      await save('odd.medlocker.json', text);
      expect((await refusal(path)).code).toBe('settings-invalid');
    }
  });
});

describe('external data', () => {
  async function external(name: string, location: string, offset = 0, length = 432): Promise<string> {
    const model = schema.ModelProto.decode(grader());
    const kernel = model.graph?.initializer?.find((tensor) => tensor.name === 'kernel');
    if (!kernel) throw new Error('no kernel');
    const data = kernel.rawData ?? new Uint8Array();
    kernel.rawData = new Uint8Array();
    kernel.dataLocation = schema.TensorProto.DataLocation.EXTERNAL;
    kernel.externalData = [
      { key: 'location', value: location },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ];
    await mkdir(join(folder, 'inside'), { recursive: true });
    await writeFile(join(folder, 'inside', 'weights.bin'), data);
    await writeFile(join(folder, 'outside.bin'), data);
    return save(join('inside', name), schema.ModelProto.encode(model).finish());
  }

  it('is read from the folder of the model and counts for its identity', async () => {
    const inline = await inspectOnnx(await save('inline.onnx', grader()));
    const told = await inspectOnnx(
      await (async () => {
        await mkdir(join(folder, 'inside'), { recursive: true });
        return external('split.onnx', 'weights.bin');
      })(),
    );
    expect(told.parameters).toBe(inline.parameters);
    expect(told.id).not.toBe(inline.id);
  });

  it.each([
    ['missing', 'nowhere.bin', 0, 432, /missing/],
    ['above the folder', '../outside.bin', 0, 432, /out of the model's folder/],
    ['absolute', '/etc/hostname', 0, 432, /out of the model's folder/],
    ['beyond the end of its file', 'weights.bin', 100, 432, /beyond its end/],
    ['at a place that is no number', 'weights.bin', NaN, 432, /no number/],
    ['of another length than its shape', 'weights.bin', 0, 400, /400 bytes/],
  ])('%s is refused', async (title, location, offset, length, reason) => {
    await mkdir(join(folder, 'inside'), { recursive: true });
    const path = await external(`${title.replaceAll(' ', '-')}.onnx`, location, offset, length);
    expect(await refusal(path)).toMatchObject({
      code: 'model-unreadable',
      message: expect.stringMatching(reason),
    });
  });

  it('behind a link that leads out is refused', async () => {
    await mkdir(join(folder, 'inside'), { recursive: true });
    const path = await external('link.onnx', 'link.bin');
    await symlink(join(folder, 'outside.bin'), join(folder, 'inside', 'link.bin'));
    expect((await refusal(path)).message).toMatch(/out of the model's folder/);
  });
});

describe('damaged files', () => {
  it('never crash or hang: cut off or with flipped bits, each is accepted or refused by a Failure', async () => {
    const sound = grader();
    const damaged: Uint8Array[] = [0.1, 0.5, 0.9, 0.999].map((share) =>
      sound.slice(0, Math.floor(sound.length * share)),
    );
    let seed = 12345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    for (let k = 0; k < 12; k += 1) {
      const copy = sound.slice();
      for (let flips = 0; flips < 3; flips += 1) {
        const at = random(copy.length);
        copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      }
      damaged.push(copy);
    }
    for (const [index, content] of damaged.entries()) {
      const path = await save(`damaged-${index}.onnx`, content);
      const outcome = await inspectOnnx(path).then(
        () => 'accepted',
        (error: unknown) => error,
      );
      if (outcome !== 'accepted') expect(outcome).toBeInstanceOf(Failure);
    }
  });

  it('survives a model that makes the runtime divide by zero or ask for too much memory', async () => {
    const strides = grader({
      more: (g) => {
        const conv = g.nodes.findIndex((n) => n.op === 'Conv');
        const node = g.nodes[conv];
        if (node)
          g.nodes[conv] = { ...node, attributes: new Map([['strides', { kind: 'ints', value: [0, 0] }]]) };
      },
    });
    const huge = grader({
      head: (g, z) =>
        g.op('Add', [z, g.op('ReduceSum', [g.op('ConstantOfShape', [g.ints([2 ** 40])])], { keepdims: 0 })]),
    });
    for (const content of [strides, huge]) {
      const { code } = await refusal(await save('hostile.onnx', content));
      expect(['model-unreadable', 'model-unsupported']).toContain(code);
    }
  });
});
