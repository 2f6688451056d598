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

/** Takes a Softmax that directly gives the output out of the message; Failure `model-unsupported` if there is none. */
export function stripSoftmaxHead(message: ModelMessage, subject: string): void {
  const graph = message.graph;
  const output = graph?.output?.[0]?.name ?? '';
  const nodes = graph?.node ?? [];
  const last = nodes.find((node) => node.output?.[0] === output);
  const logits = last?.input?.[0];
  if (!graph || last?.opType !== 'Softmax' || logits === undefined || graph.output?.length !== 1) {
    throw new Failure(
      'model-unsupported',
      `${subject}: "stripSoftmax" is set, but no Softmax gives the output`,
      {
        subject,
        hint: 'remove the setting, or export the model so that it gives logits',
      },
    );
  }
  // The output keeps its name: an Identity takes the place of the Softmax.
  graph.node = nodes.map((node) =>
    node === last ? { opType: 'Identity', name: last.name ?? '', input: [logits], output: [output] } : node,
  );
}
