import { join } from 'node:path';
import { networkClasses } from '../../ml/lesions/network/lesion-classes.ts';
import { openLesionNetwork } from '../../ml/lesions/network/open-lesion-network.ts';
import { cocoJson, csvBoxes } from '../../ml/lesions/annotations/write-annotations.ts';
import { Failure } from '../../shared/failure.ts';
import { removeLeftovers, writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import { eventStream, type JobListener } from '../jobs/event-stream.ts';
import { outputNames } from '../jobs/output-names.ts';
import { runItems, type RunResult } from '../jobs/run-items.ts';
import { scanSource, type ScanResult } from '../jobs/scan.ts';
import { resolveJobPaths } from '../jobs/source-paths.ts';
import { readSegmentRecord, segmentFile, type SegmentRecord, type SegmentTask } from './segment-file.ts';

export interface SegmentRequest {
  /** Folder of photographs, or one photograph. */
  readonly source: string;
  readonly out: string;
  /** ONNX file of the lesion network. */
  readonly network: string;
  readonly threads: number;
  /** `mark`: as a person would outline lesions; `zone`: generously, as `protect` keeps marks away. */
  readonly level: 'mark' | 'zone';
}

export interface SegmentResult extends RunResult {
  readonly out: string;
  readonly skipped: ScanResult['skipped'];
  readonly images: readonly SegmentRecord[];
}

const writer = 'segment';

/**
 * Marks lesions and optic disc in every photograph of a folder: a mask PNG a class, overlay, Pascal VOC boxes for each image, and
 * COCO and CSV tables of all. Images that an earlier run has done, with the same network and level, are kept.
 * @throws Failure for what concerns the whole job: folders, network, a full disk
 */
export async function segment(
  request: SegmentRequest,
  context: { readonly listen: JobListener; readonly signal?: AbortSignal | undefined },
): Promise<SegmentResult> {
  const { signal } = context;
  const paths = await resolveJobPaths(request.source, request.out);
  const scan = await scanSource(paths.source, { onlyFile: paths.onlyFile, signal });
  if (scan.files.length === 0) {
    throw new Failure('usage', `${request.source} holds no image (${scan.skipped.length} other files)`, {
      subject: request.source,
      hint: 'PNG, JPEG, TIFF, WebP, GIF and AVIF files are taken.',
    });
  }
  const network = await openLesionNetwork(request.network, request.threads);
  const names = outputNames(
    scan.files.map(({ path }) => path),
    'png',
  );
  const tasks = scan.files.map(({ path, absolute }): SegmentTask => {
    const image = names.get(path)?.image ?? path;
    return { path, absolute, stem: image.replace(/\.png$/, '') };
  });
  await removeLeftovers(paths.out, writer);
  const emit = eventStream(hashBytes(`segment\n${paths.source}\n${paths.out}`).slice(0, 32), context.listen);
  const records = new Map<string, SegmentRecord>();
  const settings = { network: network.sha256, level: request.level };
  try {
    for (const task of tasks) {
      const record = await readSegmentRecord(task, paths.out, settings);
      if (record !== null) records.set(task.path, record);
    }
    emit({
      kind: 'job-started',
      workflow: 'segment',
      total: tasks.length,
      resumed: records.size,
      skipped: [...scan.skipped],
    });
    const result = await runItems<SegmentTask>({
      items: tasks,
      emit,
      signal,
      recall: ({ path }) => Promise.resolve(records.has(path) ? { state: 'kept' } : null),
      async work(task, stage) {
        stage('read');
        const record = await segmentFile(task, { network: network, settings, out: paths.out, writer, stage });
        for (const note of record.notes) emit({ kind: 'note', message: `${task.path}: ${note}` });
        records.set(task.path, record);
        return { state: 'done' };
      },
    });
    const images = tasks.flatMap(({ path }) => records.get(path) ?? []);
    await writeAtomically(join(paths.out, 'coco.json'), cocoJson(images, networkClasses), writer);
    await writeAtomically(join(paths.out, 'boxes.csv'), csvBoxes(images), writer);
    return { ...result, out: paths.out, skipped: scan.skipped, images };
  } finally {
    await network.release();
  }
}
