import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { findFieldOfView } from '../../ml/imaging/field-of-view.ts';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import { decodeImage } from '../../ml/imaging/read-image.ts';
import { runLengths } from '../../ml/lesions/annotations/run-lengths.ts';
import { vocXml } from '../../ml/lesions/annotations/write-annotations.ts';
import { networkClasses, type NetworkClass } from '../../ml/lesions/network/lesion-classes.ts';
import { maskParts } from '../../ml/lesions/network/mask-parts.ts';
import type { LesionFinder } from '../../ml/lesions/network/open-lesion-network.ts';
import { readRetina } from '../../ml/lesions/network/retina-reading.ts';
import { zoneToPng } from '../../ml/lesions/zone-png.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes, hashFile } from '../jobs/content-hash.ts';
import { lesionOverlay } from './lesion-overlay.ts';

export interface SegmentTask {
  /** Relative to the source. */
  readonly path: string;
  readonly absolute: string;
  /** The path without its extension: what the outputs are named after. */
  readonly stem: string;
}

const count = z.int().min(0);
const box = z.strictObject({ x: count, y: count, width: count, height: count });

const recordSchema = z.strictObject({
  path: z.string(),
  /** SHA-256 of the source file. */
  content: z.string(),
  settings: z.strictObject({ network: z.string(), level: z.enum(['mark', 'zone']) }),
  width: count,
  height: count,
  /** False where the network is unsure or the photograph cannot be graded; `notes` say why. */
  sure: z.boolean(),
  notes: z.array(z.string()),
  parts: z.array(z.strictObject({ class: z.string(), box, area: count, runs: z.array(count) })),
  /** SHA-256 of every file written for the image, by its path in the output folder. */
  files: z.record(z.string(), z.string()),
});

/** What was found in one photograph, and the files that say so; kept beside them for the next run. */
export type SegmentRecord = z.infer<typeof recordSchema>;

interface Means {
  readonly network: LesionFinder;
  readonly settings: SegmentRecord['settings'];
  readonly out: string;
  readonly writer: string;
  readonly stage: (stage: 'zone' | 'write') => void;
}

/** Marks one photograph and writes its files, the record last. @throws Failure when the photograph cannot be used */
export async function segmentFile(task: SegmentTask, means: Means): Promise<SegmentRecord> {
  const { settings, out, writer } = means;
  const bytes = await readFile(task.absolute);
  const { raster } = await decodeImage(bytes, task.path);
  const field = findFieldOfView(raster);
  means.stage('zone');
  const reading = await readRetina(means.network, raster, field);
  means.stage('write');
  const { width, height } = raster;
  const parts: SegmentRecord['parts'][number][] = [];
  const masks: { name: NetworkClass; mask: BinaryMask }[] = [];
  const files: Record<string, string> = {};
  const write = async (path: string, content: Uint8Array | string): Promise<void> => {
    await writeAtomically(join(out, ...path.split('/')), content, writer);
    files[path] = hashBytes(content);
  };
  for (const name of networkClasses) {
    const mask = reading.mask(name, settings.level);
    masks.push({ name, mask });
    for (const part of maskParts(mask)) {
      const { box: around, area, pixels } = part;
      parts.push({ class: name, box: { ...around }, area, runs: runLengths(pixels, width, height) });
    }
    await write(`masks/${task.stem}_${name}.png`, await zoneToPng({ mask }));
  }
  await write(`overlays/${task.stem}.jpg`, await lesionOverlay(raster, masks));
  await write(`voc/${task.stem}.xml`, vocXml({ path: task.path, width, height, parts }));
  const record: SegmentRecord = {
    path: task.path,
    content: hashBytes(bytes),
    settings,
    width,
    height,
    sure: reading.doubts.length === 0,
    notes: [...reading.doubts],
    parts,
    files,
  };
  await writeAtomically(recordPath(out, task), `${JSON.stringify(record)}\n`, writer);
  return record;
}

/** What an earlier run has left for an image, if source, settings and every written file are still the same; else null. */
export async function readSegmentRecord(
  task: SegmentTask,
  out: string,
  settings: SegmentRecord['settings'],
): Promise<SegmentRecord | null> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(recordPath(out, task), 'utf8')));
    const same = record.settings.network === settings.network && record.settings.level === settings.level;
    if (!same || record.path !== task.path || record.content !== (await hashFile(task.absolute))) return null;
    for (const [path, sha256] of Object.entries(record.files)) {
      if ((await hashFile(join(out, ...path.split('/')))) !== sha256) return null;
    }
    return record;
  } catch {
    // No record, or one that cannot be read: the image is done again.
    return null;
  }
}

/** Hidden, so that no importer of annotations takes it for one. */
function recordPath(out: string, { stem }: SegmentTask): string {
  return join(out, '.medlocker-segment', ...`${stem}.json`.split('/'));
}
