import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeGraph } from '../../src/ml/onnx/encode-graph.ts';
import { GraphBuilder } from '../../src/ml/onnx/graph-builder.ts';
import { schema, type TensorMessage } from '../../src/ml/onnx/schema.ts';
import { writeTinyGrader } from '../end-to-end/tiny-grader.ts';
import { bitFlipped, makePipe, randomBytes, truncated } from './damage.ts';

export interface ModelCorpus {
  /** Files every one of which must be refused. */
  readonly refused: readonly string[];
  /** Files with one changed bit. ONNX has no checksum, so that one may go unnoticed; none may crash or stall. */
  readonly flipped: readonly string[];
}

/** Writes damaged and unfit graders into a folder. */
export async function writeModelCorpus(folder: string): Promise<ModelCorpus> {
  await mkdir(folder, { recursive: true });
  const source = join(folder, 'source.bin');
  await writeTinyGrader(source, 3);
  const bytes = await readFile(source);
  const refused = new Map<string, Uint8Array>();
  truncated(bytes, 16, 21).forEach((cut, index) => refused.set(`cut-${index}.onnx`, cut));
  for (const length of [0, 1, 7, 64, 4096])
    refused.set(`noise-${length}.onnx`, randomBytes(length, 300 + length));
  for (const [name, text] of Object.entries(texts)) refused.set(name, Buffer.from(text));
  for (const [name, graph] of unfitGraphs()) refused.set(`${name}.onnx`, graph);
  for (const [name, model] of unfitMessages(bytes)) refused.set(`${name}.onnx`, model);
  for (const [name, description] of Object.entries(descriptions)) {
    refused.set(`${name}.onnx`, bytes);
    await writeFile(join(folder, `${name}.medlocker.json`), description);
  }
  const flipped = new Map<string, Uint8Array>();
  // The weights are most of the file; what holds it together stands before and after them.
  bitFlipped(bytes, 12, 22, 0, 220).forEach((copy, index) =>
    flipped.set(`flipped-start-${index}.onnx`, copy),
  );
  bitFlipped(bytes, 12, 23, bytes.length - 160).forEach((copy, index) =>
    flipped.set(`flipped-end-${index}.onnx`, copy),
  );
  for (const [name, content] of [...refused, ...flipped]) await writeFile(join(folder, name), content);
  const others = ['missing.onnx', 'a-folder'];
  await mkdir(join(folder, 'a-folder'));
  if (process.platform !== 'win32') {
    makePipe(join(folder, 'pipe.onnx'));
    await writeFile(join(folder, '..', 'outside.bin'), Buffer.alloc(1 << 16));
    await symlink(join('..', 'outside.bin'), join(folder, 'link-out.bin'));
    others.push('pipe.onnx');
  }
  const all = (names: Iterable<string>) => [...names].map((name) => join(folder, name));
  return { refused: all([...refused.keys(), ...others]), flipped: all(flipped.keys()) };
}

const texts: Readonly<Record<string, string>> = {
  'text.onnx': 'these are no weights\n',
  'page.onnx': '<!DOCTYPE html><title>Sign in</title>',
  'braces.onnx': '{"a":1}',
  'cut-json.json': '{"modelTopology":{"class_name":',
  'prototype.json': '{"__proto__":{"modelTopology":1},"weightsManifest":[]}',
  'weights-outside.json':
    '{"format":"layers-model","modelTopology":{},"weightsManifest":[{"paths":["../outside.bin"],"weights":[]}]}',
};

const descriptions: Readonly<Record<string, string>> = {
  'description-no-json': '{"mean": [0, 0',
  'description-unknown-key': '{"maen": [0, 0, 0]}',
  'description-zero-std': '{"std": [1, 0, 1]}',
  'description-vast': '{"size": 1000000}',
};

/** Intact files that are no graders; all but the last few are told without running them. */
function* unfitGraphs(): Generator<[string, Uint8Array]> {
  const rank2: Build = (builder) => builder.op('Flatten', ['image'], { axis: 1 }, 'logits');
  yield ['rank-2-input', grader({ input: ['batch', 3072], build: rank2 })];
  yield ['one-channel', grader({ input: ['batch', 1, 32, 32] })];
  yield ['vast-input', grader({ input: ['batch', 3, 100_000, 100_000] })];
  yield ['integer-input', grader({ type: 7 })];
  yield ['operators-of-1999', grader({ opset: 3 })];
  yield ['operators-of-2099', grader({ opset: 99 })];
  yield ['softmax-head', grader({ head: 'Softmax' })];
  yield ['sigmoid-head', grader({ head: 'Sigmoid' })];
  yield ['nan-weight', grader({ weight: Number.NaN })];
  yield ['infinite-weight', grader({ weight: Number.POSITIVE_INFINITY })];
  yield ['several-outputs', grader({ outputs: ['logits', 'features'] })];
  yield ['no-output', grader({ outputs: [] })];
  yield ['several-inputs', grader({ inputs: 2 })];
  yield ['unknown-operator', grader({ head: 'Frobnicate' })];
  yield ['cyclic', grader({ build: cyclic })];
  yield ['one-class', grader({ classes: 1 })];
}

type Build = (builder: GraphBuilder) => void;

interface Unfit {
  readonly input?: readonly (number | string)[];
  readonly type?: number;
  readonly opset?: number;
  readonly head?: string;
  readonly weight?: number;
  readonly classes?: number;
  readonly inputs?: number;
  readonly outputs?: readonly string[];
  readonly build?: Build;
}

function grader(unfit: Unfit): Uint8Array {
  const builder = new GraphBuilder(unfit.opset ?? 17, 'unfit/');
  const dims = unfit.input ?? ['batch', 3, 32, 32];
  for (const name of ['image', 'other'].slice(0, unfit.inputs ?? 1)) {
    builder.inputs.push({ name, type: unfit.type ?? 1, dims });
  }
  const classes = unfit.classes ?? 5;
  if (unfit.build === undefined) {
    const mean = builder.op('GlobalAveragePool', ['image']);
    const flat = builder.op('Flatten', [mean], { axis: 1 }, 'features');
    const values = Float32Array.from({ length: 3 * classes }, (_, index) => Math.sin(index));
    values[2] = unfit.weight ?? 1;
    const scores = [flat, builder.floats([3, classes], values)];
    if (unfit.head === undefined) builder.op('MatMul', scores, {}, 'logits');
    else builder.op(unfit.head, [builder.op('MatMul', scores)], {}, 'logits');
  } else unfit.build(builder);
  for (const name of unfit.outputs ?? ['logits']) {
    builder.outputs.push({ name, type: 1, dims: ['batch', name === 'logits' ? classes : 3] });
  }
  return encodeGraph(builder.graph());
}

const cyclic: Build = (builder) => {
  builder.op('Add', ['image', 'back'], {}, 'there');
  builder.op('Relu', ['there'], {}, 'back');
  builder.op('Flatten', ['back'], { axis: 1 }, 'logits');
};

/** Damage inside the message that no writer makes: weights stored elsewhere, sizes that contradict the bytes. */
function* unfitMessages(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const external =
    (entries: Readonly<Record<string, string>>): Change =>
    (tensor) => {
      tensor.rawData = new Uint8Array(0);
      tensor.dataLocation = schema.TensorProto.DataLocation.EXTERNAL;
      tensor.externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    };
  yield ['external-missing', changed(bytes, external({ location: 'nowhere.bin' }))];
  yield ['external-parent', changed(bytes, external({ location: '../outside.bin' }))];
  yield ['external-absolute', changed(bytes, external({ location: '/etc/hostname' }))];
  yield ['external-link-out', changed(bytes, external({ location: 'link-out.bin' }))];
  yield ['external-nothing', changed(bytes, external({}))];
  yield ['external-beyond', changed(bytes, external({ location: 'source.bin', offset: '99999999' }))];
  yield ['external-negative', changed(bytes, external({ location: 'source.bin', offset: '-4' }))];
  yield ['external-no-number', changed(bytes, external({ location: 'source.bin', length: 'many' }))];
  yield ['vast-weight', changed(bytes, (tensor) => (tensor.dims = [2 ** 40, 2 ** 40]))];
  yield ['negative-weight', changed(bytes, (tensor) => (tensor.dims = [-1, 3, 5, 5]))];
  yield ['unknown-type', changed(bytes, (tensor) => (tensor.dataType = 77))];
  yield ['nameless-weight', changed(bytes, (tensor) => (tensor.name = ''))];
}

type Change = (tensor: TensorMessage) => unknown;

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const message = schema.ModelProto.decode(bytes);
  const first = message.graph?.initializer?.[0];
  if (first === undefined) throw new Error('the tiny grader has no weights');
  change(first);
  return schema.ModelProto.encode(message).finish();
}
