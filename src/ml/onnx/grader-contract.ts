import { Failure } from '../../shared/failure.ts';
import type { OnnxGraph, ValueInfo } from './graph.ts';
import type { Preprocessing } from './preprocessing.ts';
import { ElementType, elementTypeName } from './schema.ts';
import { probabilityHead } from './softmax-head.ts';

/** What a grader file declares, checked. */
export interface GraderContract {
  readonly input: string;
  readonly output: string;
  readonly layout: 'NCHW' | 'NHWC';
  readonly height: number;
  readonly width: number;
  /** The only batch size the file allows, or undefined where it is open. */
  readonly batch: number | undefined;
}

const OPSETS = { oldest: 9, newest: 22 };
const DEFAULT_SIDE = 224;
const LARGEST_SIDE = 4096;

/** Checks that a graph is a grader this program can use; every refusal is a Failure `model-unsupported`. */
export function graderContract(
  graph: OnnxGraph,
  preprocessing: Preprocessing,
  subject: string,
): GraderContract {
  const refuse = (reason: string, hint: string) =>
    new Failure('model-unsupported', `${subject}: ${reason}`, { subject, hint });
  if (graph.opset < OPSETS.oldest || graph.opset > OPSETS.newest) {
    throw refuse(
      `it is written for operator set ${graph.opset}`,
      `export it with an opset from ${OPSETS.oldest} to ${OPSETS.newest}`,
    );
  }
  const foreign = graph.nodes.find((node) => node.domain !== '' && node.domain !== 'com.microsoft');
  if (foreign !== undefined) {
    throw refuse(
      `it uses the operator ${foreign.op} of the domain "${foreign.domain}"`,
      'export it with operators of the ONNX standard only',
    );
  }
  const input = graph.inputs.at(0);
  const output = graph.outputs.at(0);
  if (input === undefined || graph.inputs.length > 1) {
    throw refuse(
      `it has ${graph.inputs.length} inputs (${names(graph.inputs)})`,
      'export it with the image alone',
    );
  }
  if (output === undefined || graph.outputs.length > 1) {
    throw refuse(
      `it has ${graph.outputs.length} outputs (${names(graph.outputs)})`,
      'export it with the logits alone, without auxiliary heads or features',
    );
  }
  for (const [what, info] of [
    ['input', input],
    ['output', output],
  ] as const) {
    if (info.type !== ElementType.float32) {
      throw refuse(`its ${what} "${info.name}" is ${elementTypeName(info.type)}`, 'export it in float32');
    }
  }
  const head = probabilityHead(graph);
  if (head !== undefined) {
    throw refuse(
      `it ends with ${head.op}: the output is probabilities, not logits`,
      head.op === 'Softmax'
        ? 'export it without the softmax, or set "stripSoftmax": true in its .medlocker.json'
        : 'export it without the sigmoid, with one logit for each class',
    );
  }
  return { input: input.name, output: output.name, ...imageAxes(input, preprocessing, subject) };
}

function imageAxes(
  input: ValueInfo,
  { layout: wanted, size }: Preprocessing,
  subject: string,
): Pick<GraderContract, 'layout' | 'height' | 'width' | 'batch'> {
  const refuse = (reason: string, hint: string) =>
    new Failure('model-unsupported', `${subject}: ${reason}`, { subject, hint });
  const { dims } = input;
  const shown = `[${dims?.map((dim) => (dim === '' ? '?' : dim)).join(', ') ?? 'unknown'}]`;
  if (dims?.length !== 4) {
    throw refuse(
      `its input has shape ${shown}`,
      'a grader takes [batch, 3, height, width] or [batch, height, width, 3]',
    );
  }
  const [batch, a, b, c] = dims;
  const layout = wanted ?? (a === 3 ? 'NCHW' : c === 3 ? 'NHWC' : undefined);
  const channels = layout === 'NHWC' ? c : a;
  if (layout === undefined || (typeof channels === 'number' && channels !== 3)) {
    throw refuse(
      `its input has shape ${shown}, without three channels`,
      'a grader takes RGB images: [batch, 3, height, width] or [batch, height, width, 3]',
    );
  }
  const declared = layout === 'NCHW' ? [b, c] : [a, b];
  const chosen = size === undefined ? undefined : typeof size === 'number' ? [size, size] : size;
  const sides = declared.map((dim, axis) => {
    const side = chosen?.[axis];
    if (typeof dim !== 'number') return side ?? DEFAULT_SIDE;
    if (side !== undefined && side !== dim) {
      throw refuse(`its input has shape ${shown}, not the size ${side} of its description`, 'correct "size"');
    }
    return dim;
  });
  const [height = 0, width = 0] = sides;
  if (Math.max(height, width) > LARGEST_SIDE) {
    throw refuse(`its input has shape ${shown}`, `sides up to ${LARGEST_SIDE} pixels are supported`);
  }
  return { layout, height, width, batch: typeof batch === 'number' ? batch : undefined };
}

function names(infos: readonly ValueInfo[]): string {
  return infos.map((info) => info.name).join(', ') || 'none';
}
