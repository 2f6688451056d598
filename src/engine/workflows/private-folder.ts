import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../shared/failure.ts';
import { notWritable } from '../jobs/atomic-write.ts';
import { shardName, type Shard } from '../jobs/shard.ts';

/** Name of the owner's working folder inside the output: everything in it is private and is never handed on. */
export const privateFolderName = '.medlocker';

/** Name of the signed manifest in the output folder. */
export const manifestName = 'medlocker-set.json';

/** Where a job keeps what only its owner may see. */
export interface PrivateFolder {
  readonly folder: string;
  readonly header: string;
  readonly context: string;
  readonly journal: string;
  readonly lock: string;
  readonly report: string;
  /** Decisions and drawn boxes of the review. */
  readonly review: string;
  /** Images with certificate and residual that a review keeps out of the signed set. */
  readonly leftOut: string;
  /** The forbidden zone of an output image, as a PNG. */
  zone(image: string): string;
  /** The zone without the boxes drawn in a review; there only when some were drawn. */
  zoneBeforeDrawing(image: string): string;
  /** Stamps and findings of an output image. */
  workings(image: string): string;
}

export function privateFolder(out: string, shard: Shard): PrivateFolder {
  const folder = join(out, privateFolderName);
  return {
    folder,
    header: join(folder, 'job.json'),
    context: join(folder, 'context.json'),
    journal: join(folder, `journal-${shardName(shard)}.jsonl`),
    lock: join(folder, `lock-${shardName(shard)}`),
    report: join(folder, 'report'),
    review: join(folder, 'review.json'),
    leftOut: join(folder, 'left-out'),
    zone: (image) => join(folder, 'zones', ...`${image}.zone.png`.split('/')),
    zoneBeforeDrawing: (image) => join(folder, 'zones', ...`${image}.before-drawing.png`.split('/')),
    workings: (image) => join(folder, 'workings', ...`${image}.workings.gz`.split('/')),
  };
}

/**
 * Makes the output folder and the private one in it, the latter readable by nobody else.
 *
 * @throws Failure usage when the output folder holds files that are no job of ours: they could be written over
 */
export async function makePrivateFolder(out: string): Promise<void> {
  const folder = join(out, privateFolderName);
  try {
    const found = await readdir(out).catch((error: unknown): string[] => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    if (found.length > 0 && !found.includes(privateFolderName)) {
      throw new Failure('usage', `--out ${out} holds other files`, {
        subject: '--out',
        hint: 'Choose a new or empty folder, or one that an earlier run of this job has made.',
      });
    }
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o700);
  } catch (error) {
    throw notWritable(folder, error);
  }
}
