import { readFile, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import type { AttributeMessage, GraphMessage, ModelMessage, TensorMessage } from './schema.ts';
import { schema } from './schema.ts';

const LARGEST_TOTAL = 2 ** 31 - 1;

/**
 * Moves tensors that are stored in other files into the message (their bytes stay shared with the file's buffer).
 * Only plain files inside the model's own folder are read: an absolute path, `..` or a link that leads out is refused.
 */
export async function inlineExternalData(
  model: ModelMessage,
  folder: string,
  subject: string,
): Promise<{ files: readonly Buffer[] }> {
  const external = tensorsOf(model).filter(
    (tensor) => tensor.dataLocation === schema.TensorProto.DataLocation.EXTERNAL,
  );
  const files = new Map<string, Buffer>();
  let total = 0;
  for (const tensor of external) {
    const entries = new Map((tensor.externalData ?? []).map((entry) => [entry.key ?? '', entry.value ?? '']));
    const location = entries.get('location') ?? '';
    let file = files.get(location);
    if (file === undefined) {
      file = await readInside(folder, location, LARGEST_TOTAL - total, subject);
      files.set(location, file);
      total += file.length;
    }
    const offset = Number(entries.get('offset') ?? 0);
    const length = entries.has('length') ? Number(entries.get('length')) : file.length - offset;
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      throw refused(`the place of weight "${tensor.name ?? ''}" in ${location} is no number`, subject);
    }
    if (offset + length > file.length) {
      throw refused(`${location} is too short: weight "${tensor.name ?? ''}" lies beyond its end`, subject);
    }
    tensor.rawData = file.subarray(offset, offset + length);
    tensor.dataLocation = schema.TensorProto.DataLocation.DEFAULT;
    tensor.externalData = [];
  }
  return { files: [...files.values()] };
}

async function readInside(folder: string, location: string, limit: number, subject: string): Promise<Buffer> {
  const parts = location.split(/[\\/]/);
  if (location === '' || isAbsolute(location) || /^[a-zA-Z]:/.test(location) || parts.includes('..')) {
    throw refused(`its weights point out of the model's folder ("${location}")`, subject);
  }
  const [root, target] = await Promise.all([realpath(folder), realpath(join(folder, location))]).catch(
    (cause: unknown) => {
      throw refused(`the file ${location} with its weights is missing`, subject, cause);
    },
  );
  if (!target.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw refused(`its weights point out of the model's folder ("${location}")`, subject);
  }
  const info = await stat(target);
  if (!info.isFile()) throw refused(`${location} is not a file`, subject);
  if (info.size > limit) throw refused('the weights are larger than 2 GB', subject);
  return readFile(target);
}

/** Every tensor of the model, those in attributes and sub-graphs included. */
function tensorsOf(model: ModelMessage): TensorMessage[] {
  const tensors: TensorMessage[] = [];
  const visitAttribute = (attribute: AttributeMessage): void => {
    if (attribute.t) tensors.push(attribute.t);
    tensors.push(...(attribute.tensors ?? []));
    if (attribute.g) visitGraph(attribute.g);
    for (const graph of attribute.graphs ?? []) visitGraph(graph);
  };
  const visitGraph = (graph: GraphMessage): void => {
    tensors.push(...(graph.initializer ?? []));
    for (const node of graph.node ?? [])
      for (const attribute of node.attribute ?? []) visitAttribute(attribute);
  };
  if (model.graph) visitGraph(model.graph);
  for (const each of model.functions) {
    for (const node of each.node ?? [])
      for (const attribute of node.attribute ?? []) visitAttribute(attribute);
  }
  return tensors;
}

function refused(reason: string, subject: string, cause?: unknown): Failure {
  return new Failure('model-unreadable', `${subject}: ${reason}`, {
    subject,
    hint: 'keep the model and its data files together in one folder, or export the model as one file',
    cause,
  });
}
