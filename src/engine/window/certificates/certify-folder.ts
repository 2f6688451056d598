import { readFile } from 'node:fs/promises';
import { openOwnerKey } from '../../../ml/certificate/owner-key.ts';
import { wholeJob } from '../../jobs/shard.ts';
import { certifySet } from '../../workflows/certify-set.ts';
import { leftOutByReview } from '../../workflows/left-out.ts';
import { privateFolder } from '../../workflows/private-folder.ts';
import { ReviewBook } from '../../workflows/review-book.ts';
import type { CertifyTask, SetResult } from './set-wire.ts';

type Certified = Omit<Extract<SetResult, { work: 'certify' }>, 'work'>;

/**
 * Signs the set of a finished job anew, over what its review lets in.
 *
 * @throws Failure wrong-key for another passphrase; those of certifySet
 */
export async function certifyFolder({ out, key, reviewRequired, skipped }: CertifyTask): Promise<Certified> {
  const review = await ReviewBook.open(privateFolder(out, wholeJob).review);
  const owner = await openOwnerKey(await readFile(key.file), key.passphrase, 'the owner key');
  try {
    const leftOut = leftOutByReview(review, reviewRequired);
    const set = await certifySet({ out, owner, leftOut, skipped });
    return { manifest: set.manifest, images: set.images, leftOut: set.leftOut, merkleRoot: set.merkleRoot };
  } finally {
    owner.wipe();
  }
}
