import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { ListedGrader } from '../../../shared/contract/graders.ts';
import { modelCardSchema } from '../../../shared/train-job.ts';

type Metrics = ListedGrader['metrics'];

/** The cards of the bundled graders (assets/graders), as far as they are shown. */
const bundledCardSchema = z.object({
  heldOut: z.object({
    accuracy: z.object({ rate: z.number().nullable(), low: z.number(), high: z.number() }),
    quadraticKappa: z.number().nullable(),
    referableAuc: z.number().nullable(),
  }),
});

/** Figures of the card that lies beside a grader; none where there is no card or one of an unknown kind. */
export async function cardMetrics(file: string): Promise<Metrics> {
  for (const path of await cardPaths(file)) {
    const found = metricsOf(await readFile(path, 'utf8').catch(() => ''));
    if (found !== null) return found;
  }
  return [];
}

/** Beside NAME.onnx lies NAME.card.json; a layers model lies in the folder `model` beside the card of its run. */
async function cardPaths(file: string): Promise<string[]> {
  if (basename(file) !== 'model.json') return [`${file.replace(/\.onnx$/i, '')}.card.json`];
  const run = dirname(dirname(file));
  const names = await readdir(run).catch((): string[] => []);
  return names.filter((name) => name.endsWith('.card.json')).map((name) => join(run, name));
}

function metricsOf(text: string): Metrics | null {
  const card = parseJson(text);
  const trained = modelCardSchema.safeParse(card);
  if (trained.success) {
    const { accuracy, quadraticKappa, referableAuc } = trained.data.validation;
    return [
      { name: 'accuracy', ...accuracy },
      { name: 'quadratic kappa', ...quadraticKappa },
      { name: 'AUC (referable)', ...referableAuc },
    ];
  }
  const bundled = bundledCardSchema.safeParse(card);
  if (!bundled.success) return null;
  const { accuracy, quadraticKappa, referableAuc } = bundled.data.heldOut;
  return [
    { name: 'accuracy', value: accuracy.rate, low: accuracy.low, high: accuracy.high },
    { name: 'quadratic kappa', value: quadraticKappa, low: null, high: null },
    { name: 'AUC (referable)', value: referableAuc, low: null, high: null },
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
