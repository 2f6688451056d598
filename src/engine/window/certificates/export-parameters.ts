import { join } from 'node:path';
import { readImageCertificate } from '../../../ml/certificate/image-certificate.ts';
import { exportParameterList } from '../../../ml/certificate/parameter-list.ts';
import { readSetManifest } from '../../../ml/certificate/set-manifest.ts';
import { readPlainFile, whyUnread } from '../../../ml/plain-file.ts';
import type { ImageCertificate } from '../../../shared/certificate.ts';
import { Failure } from '../../../shared/failure.ts';
import { writeAtomically } from '../../jobs/atomic-write.ts';
import { readJournal } from '../../jobs/journal.ts';
import { namesOf } from '../../jobs/output-names.ts';
import { wholeJob } from '../../jobs/shard.ts';
import { manifestName, privateFolder } from '../../workflows/private-folder.ts';

/**
 * Writes the parameter list of a job's images, read from their certificates: those of the set certificate, or of all finished images
 * where the set has not been signed yet.
 *
 * @throws Failure usage when nothing is finished, certificate-unreadable
 */
export async function exportParameters(
  out: string,
  format: 'csv' | 'json',
  file: string,
): Promise<{ images: number; marks: number }> {
  const images = await imagesOf(out);
  if (images.length === 0) {
    throw new Failure('usage', 'no image of the job is finished yet', { hint: 'Let it run first.' });
  }
  const certificates: ImageCertificate[] = [];
  for (const image of images) certificates.push(await certificateOf(out, image));
  await writeAtomically(file, exportParameterList(certificates)[format], 'export');
  const marks = certificates.reduce((sum, { body }) => sum + body.mark.placements.length, 0);
  return { images: images.length, marks };
}

async function imagesOf(out: string): Promise<string[]> {
  const manifest = await readPlainFile(join(out, manifestName)).catch(() => null);
  if (manifest !== null) {
    return readSetManifest(manifest, manifestName).document.body.entries.map(({ path }) => path);
  }
  const journal = await readJournal(privateFolder(out, wholeJob).journal);
  const records = journal?.records ?? [];
  return records.flatMap((record) => (record.state === 'done' ? [record.outputs.image.path] : [])).sort();
}

async function certificateOf(out: string, image: string): Promise<ImageCertificate> {
  const name = namesOf(image).certificate;
  const bytes = await readPlainFile(join(out, ...name.split('/'))).catch((error: unknown) => {
    throw new Failure('certificate-unreadable', `${name} cannot be read: ${whyUnread(error)}`, {
      subject: name,
      hint: 'Go on with the job: it writes what is missing.',
      cause: error,
    });
  });
  return readImageCertificate(bytes, name).document;
}
