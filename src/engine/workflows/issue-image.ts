import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createImageCertificate, type CreatedCertificate } from '../../ml/certificate/image-certificate.ts';
import type { OwnerKey } from '../../ml/certificate/owner-key.ts';
import { zoneToPng } from '../../ml/lesions/zone-png.ts';
import type { SearchTrace } from '../../ml/watermark/protected-image.ts';
import type { Rights, SurrogateRecord } from '../../shared/certificate.ts';
import type { OutputFormat } from '../jobs/output-names.ts';
import { version } from '../../shared/version.ts';
import { writeAtomically } from '../jobs/atomic-write.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import type { DoneRecord } from '../jobs/journal.ts';
import type { OutputNames } from '../jobs/output-names.ts';
import type { ProtectedReportImage } from '../report/report-input.ts';
import type { PrivateFolder } from './private-folder.ts';
import type { ProtectedPixels } from './protect-pixels.ts';
import { writeWorkings } from './workings.ts';
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

/** What a certificate states of the marks, whoever has placed them. */
export type IssuedPixels = Omit<ProtectedPixels, 'kind' | 'outcome'> & {
  readonly outcome: Pick<ProtectedPixels['outcome'], 'stamps' | 'placements' | 'adapted'> & {
    readonly trace: Pick<SearchTrace, 'method' | 'forwards' | 'gradients'>;
  };
};

/** The part of a job's inputs that stands in the certificate. */
export interface CertifiedInputs {
  readonly job: { readonly format: OutputFormat };
  readonly logoSha256: string | null;
  readonly surrogates: readonly {
    readonly spec: { readonly id: string; readonly name: string; readonly kind: SurrogateRecord['kind'] };
  }[];
}

/** @throws Failure certificate-mismatch for pixels that must never be certified */
export function certify(
  path: string,
  pixels: IssuedPixels,
  inputs: CertifiedInputs,
  issue: Issue,
): CreatedCertificate {
  const { outcome } = pixels;
  return createImageCertificate({
    owner: issue.owner,
    setId: issue.setId,
    created: issue.created,
    toolVersion: version,
    rights: issue.rights,
    path,
    format: inputs.job.format,
    original: pixels.original,
    protected: pixels.written,
    stamps: outcome.stamps,
    placements: outcome.placements,
    logoSha256: inputs.logoSha256,
    settings: pixels.settings,
    adapted: outcome.adapted,
    search: outcome.trace,
    zone: pixels.zone,
    label: pixels.label,
    surrogates: surrogateRecords(inputs, pixels),
    quality: pixels.quality,
  });
}

/** Writes everything kept of an image, the image itself last. */
export async function writeImage(
  names: OutputNames,
  pixels: IssuedPixels,
  { certificate, certificateFile, residual }: CreatedCertificate,
  issue: Issue,
): Promise<{
  readonly outputs: DoneRecord['outputs'];
  readonly imageId: string;
  readonly clearance: number | null;
}> {
  const { zone, zoneBeforeDrawing, found, outcome } = pixels;
  const before = issue.private.zoneBeforeDrawing(names.image);
  if (zoneBeforeDrawing === zone) await rm(before, { force: true });
  else await writeAtomically(before, await zoneToPng(zoneBeforeDrawing), issue.writer);
  await writeAtomically(issue.private.zone(names.image), await zoneToPng(zone), issue.writer);
  const { stamps } = outcome;
  await writeWorkings(issue.private.workings(names.image), { stamps, found }, issue.writer);
  const outputs = {
    residual: await writeOutput(issue, names.residual, residual),
    certificate: await writeOutput(issue, names.certificate, certificateFile),
    image: await writeOutput(issue, names.image, pixels.encoded),
  };
  const { body } = certificate;
  return { outputs, imageId: body.imageId, clearance: body.zone.clearance };
}

/** The image's rows of the report. */
export function reportOf(
  name: string,
  { original, zone, doubts, outcome, transfer, quality }: IssuedPixels,
  clearance: number | null,
  seconds: number,
): ProtectedReportImage {
  return {
    status: 'protected',
    name,
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
    zoneDoubts: [...doubts],
    queries: { forwards: outcome.trace.forwards, gradients: outcome.trace.gradients },
    seconds,
    transfer,
  };
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
function surrogateRecords({ surrogates }: CertifiedInputs, { transfer }: IssuedPixels): SurrogateRecord[] {
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
