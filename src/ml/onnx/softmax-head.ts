import { Failure } from '../../shared/failure.ts';
import type { OnnxGraph, OnnxNode } from './graph.ts';
import type { ModelMessage } from './schema.ts';

/** The Softmax or Sigmoid that gives the output, looked for behind operators that change no values. */
export function probabilityHead(graph: OnnxGraph): OnnxNode | undefined {
  let name = graph.outputs.at(0)?.name;
  for (let step = 0; step < 5; step += 1) {
    const node = graph.nodes.find((candidate) => name !== undefined && candidate.outputs.includes(name));
    if (node?.op === 'Softmax' || node?.op === 'Sigmoid') return node;
    if (node?.op !== 'Identity' && node?.op !== 'Flatten' && node?.op !== 'Reshape') return undefined;
    name = node.inputs.at(0);
  }
  return undefined;
}

/**
 * Takes the Softmax that gives the output (directly or through Identity) out of the message.
 * Throws Failure `model-unsupported` if there is none.
 */
export function stripSoftmaxHead(message: ModelMessage, subject: string): void {
  const nodes = message.graph?.node ?? [];
  let name = message.graph?.output?.at(0)?.name;
  let last = nodes.find((node) => node.output?.at(0) === name);
  // Bounded: a damaged graph may run in a circle.
  for (let step = 0; step < 5 && last?.opType === 'Identity'; step += 1) {
    name = last.input?.at(0);
    last = nodes.find((node) => node.output?.at(0) === name);
  }
  if (last?.opType !== 'Softmax') {
    throw new Failure(
      'model-unsupported',
      `${subject}: "stripSoftmax" is set, but no Softmax gives the output`,
      {
        subject,
        hint: 'remove the setting, or export the model so that it gives logits',
      },
    );
  }
  // Names stay as they are: an Identity takes the place of the Softmax.
  last.opType = 'Identity';
  last.attribute = [];
}
