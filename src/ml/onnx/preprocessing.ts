import { basename } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../shared/failure.ts';
import { readPlainFile, whyUnread } from '../plain-file.ts';

const triple = z.tuple([z.number(), z.number(), z.number()]);
const side = z.int().min(8).max(4096);

/** How RGB values in [0, 1] become what a grader was trained on, where the ONNX file does not do it itself. */
export const preprocessingSchema = z
  .object({
    /** Subtracted from each channel (R, G, B), in [0, 1] units. */
    mean: triple.default([0, 0, 0]),
    /** Divides each channel after that; 1/255 for graders that want values up to 255. */
    std: triple.refine((values) => values.every((value) => value > 0), 'must be above 0').default([1, 1, 1]),
    /** Order in which the grader wants the channels. */
    channels: z.enum(['rgb', 'bgr']).default('rgb'),
    /** Only needed where the sizes do not tell which axis is the channels. */
    layout: z.enum(['NCHW', 'NHWC']).optional(),
    /** Input side, or [height, width], for models with open sizes; 224 otherwise. */
    size: z.union([side, z.tuple([side, side])]).optional(),
    /** Take the layer before a final Softmax as the logits. */
    stripSoftmax: z.boolean().default(false),
  })
  .strict();

export type Preprocessing = z.output<typeof preprocessingSchema>;
export type PreprocessingInput = z.input<typeof preprocessingSchema>;

/** `grader.onnx` has its description in `grader.medlocker.json`. */
export function sidecarPath(modelPath: string): string {
  return modelPath.replace(/\.onnx$/i, '') + '.medlocker.json';
}

/** The option if given, else the sidecar file, else [0, 1] straight. Throws Failure `settings-invalid`. */
export async function resolvePreprocessing(
  modelPath: string,
  option: PreprocessingInput | undefined,
): Promise<Preprocessing> {
  if (option !== undefined) return parse(option, 'preprocessing');
  const path = sidecarPath(modelPath);
  const subject = basename(path);
  let text: string;
  try {
    text = (await readPlainFile(path, 2 ** 20)).toString('utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return parse({}, subject);
    throw new Failure('settings-invalid', `${subject}: ${whyUnread(cause)}`, {
      subject,
      hint: 'correct the description beside the model, or remove it',
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure('settings-invalid', `${subject}: this is no JSON`, {
      subject,
      hint: 'correct the description beside the model, or remove it',
      cause,
    });
  }
  return parse(value, subject);
}

function parse(value: unknown, subject: string): Preprocessing {
  const result = preprocessingSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues.at(0);
  const place = issue?.path.join('.') ?? '';
  throw new Failure(
    'settings-invalid',
    `${subject}: ${place === '' ? '' : `${place}: `}${issue?.message ?? ''}`,
    {
      subject,
      hint: 'known entries: mean, std, channels, layout, size, stripSoftmax (docs/methods/onnx.md)',
    },
  );
}
