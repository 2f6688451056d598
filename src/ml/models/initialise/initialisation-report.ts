import { basename } from 'node:path';
import { Failure } from '../../../shared/failure.ts';

/** What a network took from a file. Tensors are named as in the network, those of the file as in the file. */
export interface InitialisationReport {
  readonly taken: readonly string[];
  /** Share of the network's weights that come from the file, 0..1. */
  readonly share: number;
  /** Tensors of the network that kept what they had, because the file has none of that name. */
  readonly left: readonly string[];
  /** Tensors of both that differ in shape; the network kept what it had. */
  readonly misfits: readonly Misfit[];
  /** Tensors of the file that the network has no place for. */
  readonly unused: readonly string[];
}

export interface Misfit {
  readonly name: string;
  /** Shapes in the file's own order of axes. */
  readonly file: readonly number[];
  readonly network: readonly number[];
}

/** One line for people: `takes 120 of 122 tensors (99.9 % of the weights) from x.onnx; of another shape: fc.weight ...`. */
export function describeInitialisation(path: string, report: InitialisationReport): string {
  const { taken, left, misfits, unused } = report;
  const total = taken.length + left.length + misfits.length;
  const parts = [
    `takes ${taken.length} of ${total} tensors (${(100 * report.share).toFixed(1)} % of the weights) from ${basename(path)}`,
  ];
  if (misfits.length > 0) {
    const shown = misfits.map(
      ({ name, file, network }) => `${name} [${file.join()}] there, [${network.join()}] here`,
    );
    parts.push(`of another shape: ${few(shown)}`);
  }
  if (left.length > 0) parts.push(`not in the file: ${few(left)}`);
  if (unused.length > 0) parts.push(`not used: ${few(unused)}`);
  return parts.join('; ');
}

/** @throws Failure model-unsupported when nothing was taken */
export function refuseWhenNothingFits(path: string, network: string, report: InitialisationReport): void {
  if (report.taken.length > 0) return;
  const { misfits, unused } = report;
  const reason =
    misfits.length > 0
      ? `its ${misfits.length} tensors of the same names have other shapes`
      : `none of its ${unused.length} tensors is named as one of the network (${few(unused)})`;
  throw new Failure('model-unsupported', `${path}: nothing in it fits ${network}: ${reason}`, {
    subject: path,
    hint: 'Name a file of the same architecture; layers are called as in torchvision and timm (Keras for mobilenetv2).',
  });
}

function few(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(', ')
    : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
