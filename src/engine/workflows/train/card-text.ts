import type { ModelCard } from '../../../shared/train-job.ts';

/** A model card as a page of Markdown, for people. */
export function cardText(card: ModelCard): string {
  const { data, validation, settings, onnx } = card;
  const figures = [
    row('accuracy', validation.accuracy),
    row('quadratic weighted kappa', validation.quadraticKappa),
    row('AUC, referable DR (grade 2 and above)', validation.referableAuc),
  ];
  const grades = validation.confusion.map((_, grade) => `${grade}`);
  return `${[
    `# ${card.name}`,
    `A grader of diabetic retinopathy: ${card.architecture}, ${card.parameters} parameters, ${card.init === null ? 'from random weights' : `started from ${card.init}`}. Not a medical device; made to test and to protect images.`,
    `- input: ${card.input}\n- output: ${card.output}\n- file: ${onnx.file}, SHA-256 ${onnx.sha256}\n- ONNX Runtime's logits differ from the model's by at most ${onnx.largestLogitDifference.toExponential(1)} of the largest`,
    '## Figures',
    `${validation.n} validation images, epoch ${validation.epoch} of ${card.epochs}; ${validation.note}.`,
    table(['figure', 'value', '95 % interval'], figures),
    'Rows: true grade; columns: answer.',
    table(
      ['', ...grades],
      validation.confusion.map((counts, grade) => [`${grade}`, ...counts.map(String)]),
    ),
    '## Data',
    `${data.images} images, ${data.training} to train on, ${data.validation} to validate on${data.patients === null ? '' : `, of ${data.patients} patients`}; split: ${data.split}. SHA-256 of images, grades and split: ${data.sha256}.`,
    table(
      ['grade', ...grades],
      [
        ['training', ...data.gradesTraining.map(String)],
        ['validation', ...data.gradesValidation.map(String)],
      ],
    ),
    ...(data.leftOut.length === 0
      ? []
      : [`Left out: ${data.leftOut.map(({ path, reason }) => `${path} (${reason})`).join('; ')}.`]),
    '## Settings',
    table(
      ['setting', 'value'],
      Object.entries(settings).map(([name, value]) => [name, String(value)]),
    ),
    `${card.device}; ${Object.entries(card.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}; ${card.seconds} s.`,
  ].join('\n\n')}\n`;
}

function row(name: string, { value, low, high }: ModelCard['validation']['accuracy']): string[] {
  const text = (number: number | null): string => (number === null ? '-' : number.toFixed(3));
  return [name, text(value), value === null ? '-' : `${text(low)} to ${text(high)}`];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  // File names may hold bars.
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}
