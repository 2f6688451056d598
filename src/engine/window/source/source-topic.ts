import { basename, join } from 'node:path';
import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { scanSource } from '../../jobs/scan.ts';
import { resolveJobPaths } from '../../jobs/source-paths.ts';
import { planJob } from '../../workflows/plan.ts';
import { jobOfChoice, logoFile, suggestedOut } from '../jobs/job-of-choice.ts';
import type { JobParts } from '../jobs/jobs-topic.ts';
import type { Topic } from '../topic.ts';
import { companionsOf } from './companions.ts';
import { logoPicture } from './logo-picture.ts';
import type { PlanTurn } from './plan-turn.ts';
import { sampleSet } from './sample-set.ts';
import { readSettingsFile, writeSettingsFile } from './settings-file.ts';
import { thumbnailOf } from './thumbnail.ts';

type SourceChannel = Extract<EngineChannel, `source.${string}` | `settingsFile.${string}` | 'logo.inspect'>;

/** What a person looks at before a job: the folder, the plan, the logo. */
export function sourceTopic({ host, graders, shelf }: JobParts, turn: PlanTurn): Topic<SourceChannel> {
  const { paths, pictures } = host;
  return {
    'source.samples': async () => {
      const set = await sampleSet(host.data);
      return {
        source: paths.handle(set.images, 'folder'),
        annotations: paths.handle(set.annotations, 'file'),
        labels: paths.handle(set.labels, 'file'),
      };
    },
    'source.scan': async ({ source }) => {
      const path = paths.pathOf(source);
      const out = suggestedOut(path);
      const { source: folder, onlyFile } = await resolveJobPaths(path, out);
      const [scan, companions, resumable] = await Promise.all([
        scanSource(folder, { onlyFile }),
        companionsOf(folder),
        shelf.findByOut(out),
      ]);
      const fileOrNull = (file: string | null) => (file === null ? null : paths.handle(file, 'file'));
      return {
        source: paths.handle(path, onlyFile === undefined ? 'folder' : 'file'),
        images: scan.files.map(({ path: name, bytes }) => ({ path: name, bytes })),
        skipped: [...scan.skipped],
        suggestedOut: paths.handle(out, 'folder'),
        labels: fileOrNull(companions.labels),
        annotations: fileOrNull(companions.annotations),
        resumable: resumable?.record.id ?? null,
      };
    },
    'source.thumbnails': async ({ source, paths: wanted }) => {
      const { folder, files } = await filesOf(paths.pathOf(source), wanted);
      return Promise.all(
        files.map(async (path) => ({
          path,
          picture: await thumbnailOf(pictures, join(folder, ...path.split('/'))).catch(() => null),
        })),
      );
    },
    'source.plan': async (choice) => {
      const signal = turn.begin();
      const job = await jobOfChoice(choice, host, graders);
      const plan = await planJob(job, signal);
      return {
        images: plan.images.length,
        finished: plan.finished,
        skipped: [...plan.skipped],
        unreadable: [...plan.unreadable],
        estimate: plan.estimate,
        freeBytes: plan.freeBytes,
        graders: [...job.surrogates, ...job.victims].map((file) => basename(file).replace(/\.onnx$/i, '')),
        device: `CPU, ${host.threads()} ${host.threads() === 1 ? 'thread' : 'threads'}`,
      };
    },
    'settingsFile.save': async ({ file, settings }) => {
      const path = paths.pathOf(file);
      await writeSettingsFile(path, settings);
      return paths.handle(path, 'file');
    },
    'settingsFile.load': async ({ file }) => readSettingsFile(paths.pathOf(file)),
    'logo.inspect': async (choice) => {
      const file = logoFile(choice, host);
      if (file === null) return { picture: null, name: '', opacityRule: 'text', inkedShare: 1 };
      return logoPicture(pictures, file);
    },
  };
}

/** Only names that a scan would list can be asked for: nothing leads out of the source. */
async function filesOf(
  path: string,
  wanted: readonly string[],
): Promise<{ folder: string; files: string[] }> {
  const { source: folder } = await resolveJobPaths(path, suggestedOut(path));
  return { folder, files: wanted.filter(isPlain) };
}

function isPlain(path: string): boolean {
  const parts = path.split('/');
  return (
    !path.includes('\\') && !path.includes('\0') && parts.every((part) => !['', '.', '..'].includes(part))
  );
}
