import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { wholeJob } from '../../jobs/shard.ts';
import { certifySet } from '../../workflows/certify-set.ts';
import { leftOutByReview, type LeftOut } from '../../workflows/left-out.ts';
import { privateFolder } from '../../workflows/private-folder.ts';
import { ReviewBook } from '../../workflows/review-book.ts';
import type { ContactBook } from '../contacts/contact-book.ts';
import type { JobShelf, ShelvedJob } from '../jobs/job-shelf.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import type { Topic, WindowHost } from '../topic.ts';
import { checking } from './checking.ts';
import { exportParameters } from './export-parameters.ts';
import { restoreFolder } from './restore-folder.ts';
import { trustedOwnersOf } from './trusted-owners.ts';
import { verifyDropped } from './verify-dropped.ts';

type CertificateChannel = Extract<EngineChannel, `certificates.${string}`>;

export interface CertificatesNeed {
  readonly host: WindowHost;
  readonly keys: KeyShelf;
  readonly contacts: ContactBook;
  readonly shelf: JobShelf;
}

/** What is proven of a set: its certificate, its parameter list, verification and restoration. */
export function certificatesTopic({
  host,
  keys,
  contacts,
  shelf,
}: CertificatesNeed): Topic<CertificateChannel> {
  const { paths } = host;
  const work = checking(host);
  return {
    'certificates.exportParameters': async ({ job, format, file }) => {
      const path = paths.pathOf(file);
      const counts = await exportParameters(shelf.get(job).record.job.out, format, path);
      return { file: paths.handle(path, 'file'), ...counts };
    },
    'certificates.certifySet': async ({ job, ownerKey }) => {
      const shelved = shelf.get(job);
      if (shelved.run !== null) {
        throw new Failure('usage', 'the job is still running', {
          hint: 'Sign the set when it has ended.',
        });
      }
      const { out } = shelved.record.job;
      const { manifest, images, leftOut, merkleRoot } = await certifySet({
        out,
        owner: keys.ownerKey(ownerKey),
        leftOut: await reviewOf(shelved),
        skipped: shelved.record.skipped,
      });
      return { file: paths.handle(manifest, 'file'), images, leftOut, merkleRoot };
    },
    'certificates.verify': ({ path, residualExpected }) =>
      work.run('verify', async (watch) => {
        const trustedOwners = await trustedOwnersOf(keys, contacts);
        return verifyDropped({ path: paths.pathOf(path), trustedOwners, residualExpected, watch });
      }),
    'certificates.restore': (request) =>
      work.run('restore', async (watch) => {
        const trustedOwners = await trustedOwnersOf(keys, contacts);
        return restoreFolder(request, { keys, paths, trustedOwners, watch });
      }),
    'certificates.stop': async () => {
      work.stop();
      return {};
    },
  };
}

async function reviewOf({ record }: ShelvedJob): Promise<LeftOut> {
  const book = await ReviewBook.open(privateFolder(record.job.out, wholeJob).review);
  return leftOutByReview(book, record.reviewRequired);
}
