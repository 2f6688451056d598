import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../../shared/failure.ts';
import { describeIssue } from '../../../shared/schema-issue.ts';

const probability = z.number().min(0.001).max(1);
const perClass = z.object({
  MA: probability,
  HE: probability,
  EX: probability,
  SE: probability,
  OD: probability,
});

const cardSchema = z.object({
  /** Probabilities from which a pixel counts, in thousandths. */
  thresholds: z.object({
    /** As a person would outline lesions. */
    mark: perClass,
    /** Generously, for keeping marks away. */
    zone: perClass,
  }),
});

/** What a program has to know about a lesion network besides its weights; the file holds more, for people. */
export type LesionCard = z.infer<typeof cardSchema>;

/** The card of `NAME.onnx` is `NAME.card.json` beside it. */
export function lesionCardPath(network: string): string {
  return `${network.replace(/\.onnx$/i, '')}.card.json`;
}

/** @throws Failure `model-unreadable` when there is no card, `model-unsupported` when it is no lesion network's */
export async function readLesionCard(network: string): Promise<LesionCard> {
  const path = lesionCardPath(network);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Failure('model-unreadable', `the lesion network's card ${path} cannot be read`, {
      subject: path,
      hint: 'Keep the .card.json that train-lesions wrote beside the network.',
      cause,
    });
  });
  const checked = cardSchema.safeParse(parse(text));
  if (checked.success) return checked.data;
  throw new Failure(
    'model-unsupported',
    `${path} is no card of a lesion network: ${describeIssue(checked.error)}`,
    {
      subject: path,
      hint: 'Use the .card.json that train-lesions wrote beside the network.',
    },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
