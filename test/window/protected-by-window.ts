import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, ProtectChoice } from '../../src/shared/contract/jobs.ts';
import type { Key } from '../../src/shared/contract/certificates.ts';
import { presetSettings } from '../../src/shared/presets.ts';
import { writeTinyGrader } from '../end-to-end/tiny-grader.ts';
import { writeEye } from '../end-to-end/workplace.ts';
import { EngineProcess } from './engine-process.ts';

export const passphrase = 'correct horse battery';

/** An engine with an owner key and a finished job of small synthetic eyes, graded by graders that know nothing. */
export interface ProtectedByWindow {
  readonly folder: string;
  readonly engine: EngineProcess;
  readonly owner: Key;
  readonly job: Job;
  readonly out: string;
  path(...parts: string[]): string;
  remove(): Promise<void>;
}

export async function protectedByWindow({
  reviewRequired = false,
  images = ['a.png', 'b.png', 'deep/c.png'],
} = {}): Promise<ProtectedByWindow> {
  const { choice, ...ready } = await readyEngine(images);
  const { engine, owner } = ready;
  const started = await engine.ask('jobs.start', { choice, ownerKey: owner.id, reviewRequired });
  const job = await engine.heard(
    'jobs.changed',
    ({ id, state }) => id === started.id && !['starting', 'running'].includes(state.status),
  );
  return { ...ready, job };
}

/** The same before the job is started. */
export async function readyEngine(
  images: readonly string[],
): Promise<Omit<ProtectedByWindow, 'job'> & { readonly choice: ProtectChoice }> {
  const folder = await mkdtemp(join(tmpdir(), 'medlocker-window-'));
  const path = (...parts: string[]) => join(folder, ...parts);
  for (const [index, name] of images.entries()) await writeEye(path('images', name), index + 1);
  await writeTinyGrader(path('surrogate.onnx'), 1);
  await writeTinyGrader(path('victim.onnx'), 2);
  const engine = new EngineProcess(folder);
  const owner = await engine.ask('keys.create', {
    ...{ kind: 'owner', name: 'Test clinic', passphrase, remember: false },
  });
  const importGrader = async (name: string) =>
    (await engine.ask('graders.import', { file: engine.grant(path(name)) })).id;
  const { mark, search } = presetSettings('balanced');
  const choice: ProtectChoice = {
    source: engine.grant(path('images')),
    out: engine.grant(path('protected')),
    settings: {
      preset: 'balanced',
      seed: 1,
      mark: { ...mark, count: 2, size: 0.1 },
      search: { ...search, budget: 12, pipelines: ['direct'] },
    },
    logo: { kind: 'bundled' },
    surrogates: [await importGrader('surrogate.onnx')],
    victims: [await importGrader('victim.onnx')],
    verifyPipelines: ['direct', 'jpeg:75'],
    ...{ labels: null, annotations: null, zoneSource: 'grad-cam', allowUnannotated: false },
    ...{ dilation: null, landmarks: false, format: 'png', stripMetadata: false, rights: null, limit: null },
  };
  return {
    ...{ folder, engine, owner, choice, out: path('protected'), path },
    async remove() {
      await engine.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
