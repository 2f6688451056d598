import type { EngineChannel, RequestInput } from '../../../shared/contract/requests.ts';
import { Failure } from '../../../shared/failure.ts';
import type { ContactBook } from '../contacts/contact-book.ts';
import type { JobShelf } from '../jobs/job-shelf.ts';
import type { KeyShelf } from '../keys/key-shelf.ts';
import type { PathBook } from '../path-book.ts';
import type { Topic, WindowHost } from '../topic.ts';
import { SetProcesses } from './set-processes.ts';
import type { RestoreTask } from './set-wire.ts';
import { exportParameters } from './export-parameters.ts';
import { trustedOwnersOf } from './trusted-owners.ts';

type CertificateChannel = Extract<EngineChannel, `certificates.${string}`>;

export interface CertificatesNeed {
  readonly host: WindowHost;
  readonly keys: KeyShelf;
  readonly contacts: ContactBook;
  readonly shelf: JobShelf;
}

/** What is proven of a set: its certificate, its parameter list, verification and restoration. */
export function certificatesTopic({ host, keys, contacts, shelf }: CertificatesNeed): {
  readonly topic: Topic<CertificateChannel>;
  close(): Promise<void>;
} {
  const { paths } = host;
  const checking = new SetProcesses(host);
  /** Not stopped with a verification. */
  const signing = new SetProcesses(host);
  const topic: Topic<CertificateChannel> = {
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
      const { job: protectJob, reviewRequired, skipped } = shelved.record;
      const { manifest, images, leftOut, merkleRoot } = await signing.run(async () => ({
        ...{ work: 'certify' as const, out: protectJob.out, reviewRequired, skipped: [...skipped] },
        key: keys.accessOf(keys.ownerKey(ownerKey).keyId),
      }));
      return { file: paths.handle(manifest, 'file'), images, leftOut, merkleRoot };
    },
    'certificates.verify': async ({ path, residualExpected }) => {
      const { verification } = await checking.run(async () => ({
        work: 'verify' as const,
        path: paths.pathOf(path),
        residualExpected,
        trustedOwners: await trustedOwnersOf(keys, contacts),
      }));
      return verification;
    },
    'certificates.restore': async ({ path, out: outId, access }) => {
      const out = paths.pathOf(outId);
      const { images } = await checking.run(async () => ({
        ...{ work: 'restore' as const, path: paths.pathOf(path), out },
        access: accessOf(access, keys, paths),
        trustedOwners: await trustedOwnersOf(keys, contacts),
      }));
      return { out: paths.handle(out, 'folder'), images };
    },
    'certificates.stop': async () => {
      checking.stop();
      return {};
    },
  };
  return {
    topic,
    close: async () => {
      await Promise.all([checking.close(), signing.close()]);
    },
  };
}

/** How the process can open what the person chose. @throws Failure wrong-key while the key is locked, usage for one of the wrong kind */
function accessOf(
  access: RequestInput<'certificates.restore'>['access'],
  keys: KeyShelf,
  paths: PathBook,
): RestoreTask['access'] {
  switch (access.kind) {
    case 'owner':
      return { kind: 'owner', key: keys.accessOf(keys.ownerKey(access.key).keyId) };
    case 'licence': {
      const key = keys.accessOf(keys.recipientKey(access.key).keyId);
      return { kind: 'licence', licence: paths.pathOf(access.licence), key };
    }
    case 'passphrase':
      return { ...access, licence: paths.pathOf(access.licence) };
  }
}
