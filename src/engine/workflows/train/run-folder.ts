import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../../shared/failure.ts';
import {
  type TrainedEpoch,
  trainedEpochSchema,
  type TrainJob,
  trainJobSchema,
} from '../../../shared/train-job.ts';
import {
  readTrainingState,
  type TrainingState,
  writeTrainingState,
} from '../../../ml/models/training/training-state.ts';
import { notWritable, writeAtomically } from '../../jobs/atomic-write.ts';
import { stableJson } from '../../jobs/job-header.ts';

/** What has to be the same for a run to go on; threads may differ, and for the files their content counts. */
const headerJobSchema = trainJobSchema.omit({
  ...{ source: true, labels: true, split: true },
  ...{ out: true, threads: true },
});
const headerSchema = z.strictObject({
  format: z.literal('medlocker-training/1'),
  job: headerJobSchema,
  /** SHA-256 of the images, grades and split. */
  data: z.string(),
});

export type RunHeader = z.infer<typeof headerSchema>;

/** The part of a job that a run is known by. */
export function headerJob(job: TrainJob): RunHeader['job'] {
  return headerJobSchema.strip().parse(job);
}

/** The checkpoints and the curve of one training run. */
export interface RunFolder {
  /** The newest whole checkpoint, if any; the caller disposes its tensors. Damaged ones are told and passed over. */
  newest(tell: (note: string) => void): Promise<TrainingState | undefined>;
  state(epoch: number): Promise<TrainingState>;
  /** Curve up to an epoch. */
  curve(epochs: number): Promise<TrainedEpoch[]>;
  /** Makes an epoch lasting: curve first, then checkpoint, then older checkpoints but the best and the one before go. */
  keep(curve: readonly TrainedEpoch[], state: TrainingState): Promise<void>;
}

const HEADER = 'training.json';
const CURVE = 'epochs.jsonl';
const statePattern = /^state-(\d{5})\.bin$/;

/**
 * Opens the folder of a run, or starts it. The caller holds the run's lock.
 * @throws Failure job-inconsistent when another run's header lies in it, output-not-writable
 */
export async function openRunFolder(folder: string, header: RunHeader): Promise<RunFolder> {
  await settle(join(folder, HEADER), header);
  const stateFile = (epoch: number): string => join(folder, `state-${String(epoch).padStart(5, '0')}.bin`);
  const epochsThere = async (): Promise<number[]> =>
    (await readdir(folder))
      .flatMap((name) =>
        statePattern.exec(name)?.[1] === undefined ? [] : [Number(statePattern.exec(name)?.[1])],
      )
      .sort((a, b) => b - a);

  return {
    async newest(tell) {
      for (const epoch of await epochsThere()) {
        try {
          return await readTrainingState(stateFile(epoch));
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          tell(`${error.message}; going on from the checkpoint before it`);
          await rm(stateFile(epoch), { force: true });
        }
      }
      return undefined;
    },
    state: (epoch) => readTrainingState(stateFile(epoch)),
    async curve(epochs) {
      const text = await readFile(join(folder, CURVE), 'utf8').catch(() => '');
      const lines = text.split('\n').filter((line) => line !== '');
      const parsed = lines.map((line) => trainedEpochSchema.parse(JSON.parse(line)));
      return parsed.filter(({ epoch }) => epoch <= epochs);
    },
    async keep(curve, state) {
      const path = stateFile(state.epochs);
      try {
        await writeAtomically(join(folder, CURVE), curve.map((line) => `${JSON.stringify(line)}\n`).join(''));
        await writeTrainingState(state, path);
      } catch (error) {
        await rm(`${path}.partial`, { force: true }).catch(() => undefined);
        throw notWritable(path, error);
      }
      const best = curve.findLast((line) => line.best)?.epoch;
      for (const epoch of await epochsThere()) {
        if (epoch < state.epochs - 1 && epoch !== best) await rm(stateFile(epoch), { force: true });
      }
    },
  };
}

async function settle(path: string, header: RunHeader): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(path, error);
  });
  if (text === null) return writeAtomically(path, `${JSON.stringify(header, null, 2)}\n`);
  let found: RunHeader;
  try {
    found = headerSchema.parse(JSON.parse(text));
  } catch (error) {
    throw unreadable(path, error);
  }
  const names = differing(found, header);
  if (names.length > 0) {
    throw new Failure('job-inconsistent', `${path} belongs to a run with another ${names.join(', ')}`, {
      subject: path,
      hint: 'Give the same settings to go on, or choose a new --out.',
    });
  }
}

function differing(found: RunHeader, wanted: RunHeader): string[] {
  const names = Object.keys(wanted.job).filter((name) => {
    const key = name as keyof RunHeader['job'];
    return stableJson(found.job[key]) !== stableJson(wanted.job[key]);
  });
  return found.data === wanted.data ? names : [...names, 'set of images'];
}

function unreadable(path: string, cause: unknown): Failure {
  return new Failure('job-inconsistent', `${path} cannot be read`, {
    subject: path,
    hint: 'Choose a new --out, or delete the folder of the run.',
    cause,
  });
}
