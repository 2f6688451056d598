import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { Failure } from '../../shared/failure.ts';
import { readHeader } from '../jobs/job-header.ts';
import { acquireLock } from '../jobs/job-lock.ts';
import { readJournal } from '../jobs/journal.ts';
import { wholeJob } from '../jobs/shard.ts';
import { finishSet, type FinishedSet } from './finish-set.ts';
import { dividedBy, type LeftOut } from './left-out.ts';
import { privateFolder } from './private-folder.ts';
import { setIdOf } from './protect.ts';

export interface CertifyRequest {
  /** Output folder of a finished job. */
  readonly out: string;
  readonly owner: OwnerKey;
  /** Why an image stays out of the set; null lets it in. */
  readonly leftOut: LeftOut;
  /** Files of the source that are no images, for the report. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

export interface CertifiedSet extends FinishedSet {
  readonly images: number;
  readonly leftOut: number;
}

/**
 * Writes the signed manifest and the report of a job anew, over the images that are let in; the files of the others are put aside.
 *
 * @throws Failure job-inconsistent when images are still missing, key-unusable for another owner, usage when nothing is let in
 */
export async function certifySet(request: CertifyRequest): Promise<CertifiedSet> {
  const { out, owner, leftOut } = request;
  const folder = privateFolder(out, wholeJob);
  const header = await readHeader(folder.header);
  const journal = header === null ? null : await readJournal(folder.journal);
  if (header === null || journal === null) {
    throw new Failure('usage', 'the output folder holds no MedLocker job', {
      subject: out,
      hint: 'Run the job first.',
    });
  }
  if (header.settings['owner'] !== owner.publicKey) {
    throw new Failure('key-unusable', 'the images were signed with another owner key', {
      hint: 'Choose the key that the job was started with.',
    });
  }
  if (journal.total === null) {
    throw new Failure('job-inconsistent', 'the job has not seen all its images yet', {
      subject: out,
      hint: 'Let it run to its end, then sign the set.',
    });
  }
  const { records, leftOut: apart, reasons } = dividedBy(leftOut, journal.records);
  const images = records.filter(({ state }) => state === 'done').length;
  if (images === 0) {
    throw new Failure('usage', 'no image would be in the set', {
      hint: 'Approve at least one image first.',
    });
  }
  const lock = await acquireLock(folder.lock);
  try {
    const set = await finishSet({
      out,
      folder,
      header,
      owner,
      setId: setIdOf(header),
      records,
      leftOut: apart,
      skipped: [...request.skipped, ...reasons],
    });
    return { ...set, images, leftOut: apart.length };
  } finally {
    await lock.release();
  }
}
