import { join } from 'node:path';
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
  /** The forbidden zone of an output image, as a PNG. */
  zone(image: string): string;
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
    zone: (image) => join(folder, 'zones', ...`${image}.zone.png`.split('/')),
  };
}
