import { randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { adoptAverage } from '../../../ml/models/training/run-state.ts';
import { evaluateModel, type GradingScore } from '../../../ml/models/training/evaluate.ts';
import type { LabelledImages } from '../../../ml/models/training/labelled-images.ts';
import { train, type EpochReport } from '../../../ml/models/training/train.ts';
import { startTensorFlow, tf, type TensorFlowRuntime } from '../../../ml/runtime/tensorflow.ts';
import { Failure } from '../../../shared/failure.ts';
import { cardSettings, type ModelCard, type TrainedEpoch, type TrainJob } from '../../../shared/train-job.ts';
import { removeLeftovers } from '../../jobs/atomic-write.ts';
import { hashBytes } from '../../jobs/content-hash.ts';
import { acquireLock } from '../../jobs/job-lock.ts';
import { scanSource } from '../../jobs/scan.ts';
import { resolveJobPaths } from '../../jobs/source-paths.ts';
import { prepareImages, type PreparedImages } from './file-images.ts';
import { gradingFigures, referableAuc } from './grading-figures.ts';
import { initialModel, type InitialModel } from './initial-model.ts';
import { splitByPatient, type PatientSplit } from './patient-split.ts';
import { headerJob, openRunFolder, type RunFolder } from './run-folder.ts';
import { type LabelledFile, readSplitFile, readTrainingLabels } from './training-labels.ts';
import { trainingSettingsOf } from './training-settings.ts';
import { writeTrainedModel } from './trained-model.ts';

/** What a training run tells while it goes on. */
export interface TrainListener {
  readonly note?: (note: string) => void;
  readonly prepared?: (facts: {
    readonly training: number;
    readonly validation: number;
    readonly device: string;
    readonly resumed: number;
    /** The epochs before, when the run goes on. */
    readonly earlier: readonly TrainedEpoch[];
  }) => void;
  readonly decoding?: (done: number, total: number) => void;
  readonly epoch?: (epoch: TrainedEpoch, remainingSeconds: number) => void;
}

export interface TrainResult {
  readonly card: ModelCard;
  readonly onnx: string;
  readonly model: string;
  readonly curve: readonly TrainedEpoch[];
}

/**
 * Trains a grader on a folder of images with grades, keeps a checkpoint an epoch, goes on from the newest one when it is
 * started again, and writes the weights of the epoch with the best validation kappa as a layers model, as ONNX, and
 * with a card. @throws Failure for everything a person can mend
 */
export async function trainGrader(
  job: TrainJob,
  listener: TrainListener = {},
  signal?: AbortSignal,
): Promise<TrainResult> {
  const runtime = await startTensorFlow({ threads: job.threads });
  const labelled = await readLabelled(job, listener, signal);
  const lock = await acquireLock(join(labelled.out, 'run.lock'));
  let close = (): Promise<void> => Promise.resolve();
  try {
    await removeLeftovers(labelled.out);
    const sets = await readSets(job, labelled, listener, signal);
    close = sets.close;
    const header = { format: 'medlocker-training/1', job: headerJob(job), data: sets.sha256 } as const;
    const folder = await openRunFolder(sets.out, header);
    const { model, init, note } = await initialModel(job);
    const device = deviceOf(runtime);
    const curve = await runEpochs(job, { model, note }, sets, folder, device, listener, signal);
    const best = curve.findLast((line) => line.best);
    if (best === undefined) throw new Error('a training run ended without an epoch');
    await adoptEpoch(model, best.epoch, folder);
    const parts = Math.max(job.parts, ...curve.map((line) => line.parts));
    const batchSize = Math.ceil(job.batchSize / parts);
    const score = await evaluateModel(model, sets.validation, { batchSize, ...(signal && { signal }) });
    const card = cardOf({ ...job, init, parts }, model, sets, {
      runtime,
      device,
      curve,
      epoch: best.epoch,
      score,
    });
    return { ...(await writeTrainedModel(model, sets.validation, score, { folder: sets.out, card })), curve };
  } finally {
    await close();
    await lock.release();
  }
}

interface TrainingSets {
  readonly out: string;
  readonly training: LabelledImages;
  readonly validation: LabelledImages;
  readonly split: PatientSplit;
  readonly leftOut: PreparedImages['leftOut'];
  readonly images: number;
  /** Over images, grades and split. */
  readonly sha256: string;
  close(): Promise<void>;
}

interface Labelled {
  readonly out: string;
  readonly images: readonly LabelledFile[];
}

/** What the label file says of the folder, before anything is written or decoded. */
async function readLabelled(job: TrainJob, listener: TrainListener, signal?: AbortSignal): Promise<Labelled> {
  const paths = await resolveJobPaths(job.source, job.out);
  const labels = await realpath(job.labels).catch(() => job.labels);
  const given = job.split === null ? null : await realpath(job.split).catch(() => job.split);
  const scan = await scanSource(paths.source, {
    exclude: given === null ? [labels] : [labels, given],
    signal,
  });
  const { images, unlabelled } = await readTrainingLabels(labels, scan.files, job.classes);
  if (unlabelled.length > 0) listener.note?.(`${unlabelled.length} images have no grade and are left out`);
  if (given === null) return { out: paths.out, images };
  const split = await readSplitFile(given, images);
  if (split.unknown > 0) listener.note?.(`${split.unknown} lines of the split file name no graded image`);
  return { out: paths.out, images: split.images };
}

async function readSets(
  job: TrainJob,
  { out, images }: Labelled,
  listener: TrainListener,
  signal?: AbortSignal,
): Promise<TrainingSets> {
  const prepared = await prepareImages(images, {
    side: job.inputSize,
    classes: job.classes,
    scratch: join(out, `.images.main.${randomBytes(6).toString('hex')}.medlocker-tmp`),
    ...(signal === undefined ? {} : { signal }),
    onProgress: (done) => listener.decoding?.(done, images.length),
  });
  for (const { path, reason } of prepared.leftOut) listener.note?.(`${path} is left out: ${reason}`);
  let split: PatientSplit;
  try {
    split = splitByPatient(prepared.usable, job.validationShare, job.seed);
  } catch (cause) {
    await prepared.close();
    throw cause;
  }
  const twice = copiesAcross(prepared, split);
  if (twice > 0)
    listener.note?.(`${twice} validation images are byte for byte also among the training images`);
  if (split.patients === null)
    listener.note?.('no patients are named: two images of one eye may stand on both sides of the split');
  return {
    out,
    training: prepared.imagesOf(split.training),
    validation: prepared.imagesOf(split.validation),
    split,
    leftOut: prepared.leftOut,
    images: prepared.usable.length,
    sha256: dataHash(prepared, split),
    close: () => prepared.close(),
  };
}

/** Trains from the newest checkpoint on; returns the whole curve. */
async function runEpochs(
  job: TrainJob,
  { model, note }: Pick<InitialModel, 'model' | 'note'>,
  { training, validation }: TrainingSets,
  folder: RunFolder,
  device: string,
  listener: TrainListener,
  signal?: AbortSignal,
): Promise<TrainedEpoch[]> {
  const resume = await folder.newest((damage) => listener.note?.(damage));
  if (resume === undefined) listener.note?.(note);
  const resumed = resume?.epochs ?? 0;
  const curve = await folder.curve(resumed);
  const labels = Array.from(validation.labels);
  const earlier = [...curve];
  listener.prepared?.({ training: training.count, validation: validation.count, device, resumed, earlier });
  const isEnough = (): boolean => {
    const best = curve.findLast((line) => line.best)?.epoch ?? 0;
    return job.patience > 0 && curve.length - best >= job.patience;
  };
  try {
    if (isEnough()) return curve;
    await train(model, training, validation, trainingSettingsOf(job), {
      ...(resume === undefined ? {} : { resume }),
      ...(signal === undefined ? {} : { signal }),
      ...(listener.note === undefined ? {} : { onNote: listener.note }),
      onState: async (state, report) => {
        curve.push(lineOf(report, curve, labels, training.count, job.classes));
        await folder.keep(curve, state);
      },
      onEpoch: () => {
        const last = curve.at(-1);
        if (last !== undefined) listener.epoch?.(last, remaining(curve, job.epochs));
      },
      isEnough,
    });
    return curve;
  } finally {
    if (resume !== undefined) tf.dispose(resume.tensors);
  }
}

function cardOf(
  job: TrainJob,
  model: LayersModel,
  { training, validation, split, leftOut, images, sha256 }: TrainingSets,
  result: {
    readonly runtime: TensorFlowRuntime;
    readonly device: string;
    readonly curve: readonly TrainedEpoch[];
    readonly epoch: number;
    readonly score: GradingScore;
  },
): Omit<ModelCard, 'onnx'> {
  const { runtime, device, curve, epoch, score } = result;
  const { name, architecture, inputSize, classes, init } = job;
  return {
    format: 'medlocker-model-card/1',
    name,
    architecture,
    parameters: model.countParams(),
    input: `image, float32 [batch, 3, ${inputSize}, ${inputSize}], RGB in [0, 1], the whole picture squeezed by antialiased bilinear`,
    output: `logits, float32 [batch, ${classes}]`,
    init,
    data: {
      images,
      training: training.count,
      validation: validation.count,
      patients: split.patients,
      sha256,
      gradesTraining: countsOf(split.training, classes),
      gradesValidation: countsOf(split.validation, classes),
      split: split.how,
      leftOut: [...leftOut],
    },
    validation: {
      note: 'measured on the images the epoch was chosen by: an unseen set will be graded a little worse',
      epoch,
      ...gradingFigures(Array.from(validation.labels), score, classes),
    },
    settings: cardSettings(job),
    device,
    versions: { 'tensorflow.js': runtime.version, libtensorflow: runtime.libtensorflow },
    epochs: curve.length,
    seconds: Math.round(curve.reduce((sum, { seconds }) => sum + seconds, 0)),
  };
}

async function adoptEpoch(model: LayersModel, epoch: number, folder: RunFolder): Promise<void> {
  const state = await folder.state(epoch).catch((cause: unknown) => {
    throw new Failure('job-inconsistent', `the checkpoint of the best epoch (${epoch}) cannot be read`, {
      hint: 'Start the training anew with another --out.',
      cause,
    });
  });
  adoptAverage(state, model);
  tf.dispose(state.tensors);
}

function lineOf(
  report: EpochReport,
  before: readonly TrainedEpoch[],
  labels: readonly number[],
  images: number,
  classes: number,
): TrainedEpoch {
  const { validation } = report;
  const kappa = Number.isFinite(validation.kappa) ? validation.kappa : null;
  const best = before.reduce((highest, line) => Math.max(highest, line.validationKappa ?? -2), -Infinity);
  return {
    epoch: report.epoch,
    learningRate: report.learningRate,
    loss: report.loss,
    accuracy: report.accuracy,
    validationLoss: validation.loss,
    validationAccuracy: validation.accuracy,
    validationKappa: kappa,
    validationAuc: referableAuc(labels, validation, classes)?.auc ?? null,
    best: (kappa ?? -2) > best,
    seconds: report.seconds,
    waitShare: report.waitSeconds / report.seconds,
    imagesPerSecond: images / report.seconds,
    parts: report.parts,
  };
}

function remaining(curve: readonly TrainedEpoch[], epochs: number): number {
  const latest = curve.slice(-5);
  const typical = latest.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, latest.length);
  return typical * (epochs - curve.length);
}

function dataHash({ usable, hashes }: PreparedImages, split: PatientSplit): string {
  const held = new Set<unknown>(split.validation);
  const lines = usable.map(
    (file, i) => `${hashes[i]} ${file.grade} ${held.has(file) ? 'validation' : 'training'}`,
  );
  return hashBytes(lines.toSorted().join('\n'));
}

/** Validation images whose very file stands on the training side too. */
function copiesAcross({ usable, hashes }: PreparedImages, { training, validation }: PatientSplit): number {
  const hashOf = new Map(usable.map((file, i) => [file, hashes[i]]));
  const seen = new Set(training.map((file) => hashOf.get(file)));
  return validation.filter((file) => seen.has(hashOf.get(file))).length;
}

function countsOf(files: readonly { readonly grade: number }[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const { grade } of files) counts[grade] += 1;
  return counts;
}

function deviceOf({ device, libtensorflow, threads }: TensorFlowRuntime): string {
  return `libtensorflow ${libtensorflow} on ${device}${device === 'CPU' ? `, ${threads} threads` : ''}`;
}
