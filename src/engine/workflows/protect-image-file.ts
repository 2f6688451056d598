import { readFile } from 'node:fs/promises';
import { relativePathSchema } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import type { JournalRecord } from '../jobs/journal.ts';
import type { OutputNames } from '../jobs/output-names.ts';
import { certify, reportOf, writeImage, type Issue } from './issue-image.ts';
import type { ProtectInputs } from './protect-inputs.ts';
import { protectPixels, type PixelsOptions } from './protect-pixels.ts';

export interface ImageTask {
  /** Relative to the source. */
  readonly path: string;
  readonly absolute: string;
  readonly names: OutputNames;
}

/**
 * Protects one image file, certifies it, and only then writes image, certificate and residual: before the first of the three is renamed
 * into place, nothing of the image is in the output.
 *
 * @returns the journal's record, not yet appended
 */
export async function protectImageFile(
  task: ImageTask,
  inputs: ProtectInputs,
  issue: Issue,
  options: PixelsOptions,
): Promise<JournalRecord> {
  const started = performance.now();
  requireCertifiableName(task);
  const bytes = await readSource(task.absolute);
  const content = hashBytes(bytes);
  const pixels = await protectPixels(bytes, task.path, task.names.image, inputs, options);
  const seconds = () => Math.round(performance.now() - started) / 1000;
  if (pixels.kind === 'no-room') {
    return { state: 'no-room', path: task.path, content, seconds: seconds(), reason: pixels.reason };
  }
  options.stage('certify');
  const certified = certify(
    task.names.image,
    pixels,
    { ...inputs, logoSha256: inputs.logo?.sha256 ?? null },
    issue,
  );
  // Last way out: from here on the image is finished within a moment.
  options.signal?.throwIfAborted();
  const { outputs, imageId, clearance } = await writeImage(task.names, pixels, certified, issue);
  const report = reportOf(task.names.image, pixels, clearance, seconds());
  return { state: 'done', path: task.path, content, seconds: seconds(), outputs, imageId, report };
}

/** Before the search rather than after it: a certificate could not name the image. */
function requireCertifiableName({ path, names }: ImageTask): void {
  if (relativePathSchema.safeParse(names.image).success) return;
  throw new Failure('image-unsupported', `${path}: a certificate cannot hold the file's name`, {
    subject: path,
    hint: 'Rename the file: no control characters and no backslashes.',
  });
}

/** @throws Failure image-unreadable */
export async function readSource(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === 'ENOENT' ? 'it is gone' : code === 'EACCES' ? 'permission denied' : (code ?? String(error));
    throw new Failure('image-unreadable', `the file cannot be read: ${reason}`, {
      subject: path,
      hint: 'Check the file and its permissions.',
      cause: error,
    });
  }
}
