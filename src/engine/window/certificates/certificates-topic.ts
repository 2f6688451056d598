import type { Decision } from '../../../shared/contract/review.ts';
import type { EngineChannel } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import { certifySet } from '../../workflows/certify-set.ts';
import type { ContactBook } from '../contacts/contact-book.ts';
import type { JobShelf, ShelvedJob } from '../jobs/job-shelf.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import { readDecisions } from '../review/decisions.ts';
import type { Topic, WindowHost } from '../topic.ts';
import { exportParameters } from './export-parameters.ts';
import { restoreFolder } from './restore-folder.ts';
import { trustedOwnersOf } from './trusted-owners.ts';
import { verifyDropped } from './verify-dropped.ts';

type CertificateChannel = Extract<EngineChannel, `certificates.${string}`>;

export interface CertificatesNeed {
  readonly keys: KeyShelf;
  readonly contacts: ContactBook;
  readonly jobs: JobShelf;
}

/** What is proven of a set: its certificate, its parameter list, verification and restoration. */
export function certificatesTopic(
  { keys, contacts, jobs }: CertificatesNeed,
  { paths }: WindowHost,
): Topic<CertificateChannel> {
  return {
    'certificates.exportParameters': async ({ job, format, file }) => {
      const path = paths.pathOf(file);
      const counts = await exportParameters(jobs.get(job).record.job.out, format, path);
      return { file: paths.handle(path, 'file'), ...counts };
    },
    'certificates.certifySet': async ({ job, ownerKey }) => {
      const shelved = jobs.get(job);
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
    'certificates.verify': async ({ path, residualExpected }) =>
      verifyDropped({
        path: paths.pathOf(path),
        trustedOwners: await trustedOwnersOf(keys, contacts),
        residualExpected,
      }),
    'certificates.restore': async (request) =>
      restoreFolder(request, { keys, paths, trustedOwners: await trustedOwnersOf(keys, contacts) }),
  };
}

/** Without a review everything is in; with one, what a clinician approved. */
async function reviewOf({ record }: ShelvedJob): Promise<(path: string) => string | null> {
  if (!record.reviewRequired) return () => null;
  const decisions = await readDecisions(record.job.out);
  return (path) => reasonToLeaveOut(decisions.get(path));
}

function reasonToLeaveOut(decision: Decision | undefined): string | null {
  if (decision?.decision === 'approved') return null;
  return decision?.decision === 'rejected'
    ? `left out of the set: rejected in review: ${decision.reason}`
    : 'left out of the set: not yet approved in review';
}
