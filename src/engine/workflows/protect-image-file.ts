import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageCertificate } from '../../ml/certificate/image-certificate.ts';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { zoneToPng } from '../../ml/lesions/zone-png.ts';
import { relativePathSchema, type Rights, type SurrogateRecord } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { version } from '../../shared/version.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import type { DoneRecord, JournalRecord } from '../jobs/journal.ts';
import type { OutputNames } from '../jobs/output-names.ts';
import type { ProtectedReportImage } from '../report/report-input.ts';
import type { PrivateFolder } from './private-folder.ts';
import type { ProtectInputs } from './protect-inputs.ts';
import { protectPixels, type PixelsOptions, type ProtectedPixels } from './protect-pixels.ts';
import { checkOnDisk } from './written-check.ts';

/** Where and in whose name the results of a job are written. */
export interface Issue {
  readonly out: string;
  readonly private: PrivateFolder;
  /** Marks this process's temporary files. */
  readonly writer: string;
  readonly owner: OwnerKey;
  readonly setId: string;
  readonly created: Date;
  readonly rights: Rights;
}

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
  const certified = certify(task, pixels, inputs, issue);
  const zonePng = await zoneToPng(pixels.zone);
  // Last way out: from here on the image is finished within a moment.
  options.signal?.throwIfAborted();
  await writeAtomically(issue.private.zone(task.names.image), zonePng, issue.writer);
  const outputs = {
    residual: await writeOutput(issue, task.names.residual, certified.residual),
    certificate: await writeOutput(issue, task.names.certificate, certified.certificateFile),
    image: await writeOutput(issue, task.names.image, pixels.encoded),
  };
  const { imageId, zone } = certified.certificate.body;
  const report = reportOf(task, pixels, zone.clearance, seconds());
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

function certify(task: ImageTask, pixels: ProtectedPixels, inputs: ProtectInputs, issue: Issue) {
  const { outcome } = pixels;
  return createImageCertificate({
    owner: issue.owner,
    setId: issue.setId,
    created: issue.created,
    toolVersion: version,
    rights: issue.rights,
    path: task.names.image,
    format: inputs.job.format,
    original: pixels.original,
    protected: pixels.written,
    stamps: outcome.stamps,
    placements: outcome.placements,
    logoSha256: inputs.logo?.sha256 ?? null,
    settings: pixels.settings,
    adapted: outcome.adapted,
    search: outcome.trace,
    zone: pixels.zone,
    label: pixels.label,
    surrogates: surrogateRecords(inputs, pixels),
    quality: pixels.quality,
  });
}

async function readSource(path: string): Promise<Buffer> {
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

async function writeOutput(
  issue: Issue,
  name: string,
  bytes: Buffer,
): Promise<DoneRecord['outputs']['image']> {
  const path = join(issue.out, ...name.split('/'));
  const sha256 = hashBytes(bytes);
  await writeAtomically(path, bytes, issue.writer);
  await checkOnDisk(path, sha256);
  return { path: name, sha256, bytes: bytes.length };
}

/** The surrogates' answers to the untouched image and to the written one, without any pipeline. */
function surrogateRecords({ surrogates }: ProtectInputs, { transfer }: ProtectedPixels): SurrogateRecord[] {
  return surrogates.flatMap(({ spec }) => {
    const answers = transfer.graders.find(
      ({ graderId, role }) => graderId === spec.id && role === 'surrogate',
    );
    const direct = answers?.pipelines.find(({ pipeline }) => pipeline === 'direct');
    if (answers === undefined || direct === undefined) return [];
    const { id, name, kind } = spec;
    return [{ id, name, kind, clean: answers.direct.class, protected: direct.protected.class }];
  });
}

function reportOf(
  task: ImageTask,
  { original, zone, outcome, transfer, quality }: ProtectedPixels,
  clearance: number | null,
  seconds: number,
): ProtectedReportImage {
  return {
    status: 'protected',
    name: task.names.image,
    width: original.width,
    height: original.height,
    marks: outcome.placements.length,
    missing: outcome.adapted.missing,
    markSize: outcome.adapted.size,
    inkShare: Math.min(1, quality.fieldOfViewFraction),
    psnr: Number.isFinite(quality.psnr) ? quality.psnr : null,
    ssim: quality.ssim,
    // The certificate is refused for any overlap.
    overlap: 0,
    clearance,
    zoneKinds: [...new Set(zone.sources.map((source) => source.kind))],
    queries: { forwards: outcome.trace.forwards, gradients: outcome.trace.gradients },
    seconds,
    transfer,
  };
}
