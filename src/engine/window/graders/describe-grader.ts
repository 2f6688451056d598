import { stat } from 'node:fs/promises';
import type { ListedGrader } from '../../../shared/contract/graders.ts';
import { openClassifier } from '../../../ml/models/open-classifier.ts';
import { Failure } from '../../../shared/failure.ts';
import { cardMetrics } from './card-metrics.ts';
import type { KnownGrader } from './grader-book.ts';

/**
 * Describes graders by opening each of them once: a file that has not changed is not opened again while the engine lives. One that
 * cannot be used is listed with the reason.
 */
export function graderDescriber(): (grader: KnownGrader) => Promise<ListedGrader> {
  const known = new Map<string, { readonly stamp: string; readonly facts: Promise<ModelFacts> }>();
  return async ({ id, name, source, file }) => {
    const stamp = await stampOf(file);
    let entry = known.get(file);
    if (entry?.stamp !== stamp) {
      entry = { stamp, facts: modelFacts(file) };
      known.set(file, entry);
    }
    return { id, name, source, ...(await entry.facts), metrics: await cardMetrics(file) };
  };
}

type ModelFacts = Omit<ListedGrader, 'id' | 'name' | 'source' | 'metrics'>;

async function modelFacts(file: string): Promise<ModelFacts> {
  try {
    const grader = await openClassifier(file, { threads: 1 });
    const { kind, inputWidth, inputHeight, classes, id, device } = grader.spec;
    grader.dispose();
    return { usable: true, kind, inputWidth, inputHeight, classes, sha256: id, reason: device };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return {
      usable: false,
      kind: null,
      inputWidth: null,
      inputHeight: null,
      classes: null,
      sha256: null,
      reason: error.message,
    };
  }
}

async function stampOf(file: string): Promise<string> {
  return stat(file).then(
    ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
    () => 'gone',
  );
}
