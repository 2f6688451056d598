import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readImageCertificate } from '../../../../ml/certificate/image-certificate.ts';
import { pixelHash } from '../../../../ml/certificate/digest.ts';
import {
  measureImage,
  type MeasuredGrader,
  type MeasuredPipeline,
} from '../../../../ml/evaluation/transfer.ts';
import { findFieldOfView } from '../../../../ml/imaging/field-of-view.ts';
import { readImage } from '../../../../ml/imaging/read-image.ts';
import { zoneFromPng } from '../../../../ml/lesions/zone-png.ts';
import { readPlainFile, whyUnread } from '../../../../ml/plain-file.ts';
import { controlImage } from '../../../../ml/watermark/control-marks.ts';
import { loadLogo, type Logo } from '../../../../ml/watermark/logo.ts';
import type { ImageCertificate } from '../../../../shared/certificate.ts';
import { Failure } from '../../../../shared/failure.ts';
import { protectSettings } from '../../../../shared/settings.ts';
import type { ImageTransfer } from '../../../../shared/transfer.ts';
import { readJournal, type DoneRecord } from '../../../jobs/journal.ts';
import { wholeJob } from '../../../jobs/shard.ts';
import { readJobContext } from '../../../workflows/job-context.ts';
import { outputFile } from '../../../workflows/output-file.ts';
import { privateFolder } from '../../../workflows/private-folder.ts';
import { jobRecordSchema } from '../../jobs/job-record.ts';

/** An image of a job with where its files lie. */
export interface MarkedImage {
  /** Path in the source. */
  readonly path: string;
  readonly original: string;
  readonly out: string;
  /** In the output folder. */
  readonly marked: string;
  readonly certificate: string;
  readonly zone: string;
  readonly label: number | null;
}

export interface MarkedImages {
  readonly images: readonly MarkedImage[];
  /** SHA-256 of the graders the search worked against. */
  readonly surrogateIds: ReadonlySet<string>;
  readonly logo: Logo | null;
}

/** The finished images of a job. @param entry the job's entry in the list of the window @throws Failure usage */
export async function protectedImages(entry: string): Promise<MarkedImages> {
  const { job } = jobRecordSchema.parse(JSON.parse(await readFile(entry, 'utf8')));
  const folder = privateFolder(job.out, wholeJob);
  const context = await readJobContext(folder.context);
  const records = (await readJournal(folder.journal))?.records ?? [];
  const done = records.filter((record): record is DoneRecord => record.state === 'done');
  if (context === null || done.length === 0) {
    throw new Failure('usage', 'the job has no finished image', { hint: 'Let it run first.' });
  }
  const at = (root: string, path: string): string => join(root, ...path.split('/'));
  return {
    images: done.map(({ path, outputs, report }) => ({
      path,
      original: at(context.source, path),
      out: job.out,
      marked: outputs.image.path,
      certificate: outputs.certificate.path,
      zone: folder.zone(outputs.image.path),
      label: report.status === 'protected' ? (report.transfer?.label ?? null) : null,
    })),
    surrogateIds: new Set(context.graders.flatMap(({ id, role }) => (role === 'surrogate' ? [id] : []))),
    logo: job.logo === null ? null : await loadLogo(job.logo),
  };
}

/**
 * Measures an image of a finished job with other graders or pipelines. The control is made again from the certificate.
 *
 * @throws Failure naming what is not as it was when the job ran
 */
export async function remeasure(
  image: MarkedImage,
  measure: {
    readonly graders: readonly MeasuredGrader[];
    readonly pipelines: readonly MeasuredPipeline[];
    readonly logo: Logo | null;
    readonly signal: AbortSignal;
  },
): Promise<ImageTransfer> {
  const { raster: original } = await readImage(image.original);
  const { raster: marked } = await readImage(await outputFile(image.out, image.marked));
  const { body } = await certificateOf(image);
  if (pixelHash(original) !== body.image.originalPixelsSha256) {
    throw new Failure('pixels-altered', `${image.path}: the photograph was changed since it was protected`);
  }
  if (pixelHash(marked) !== body.image.protectedPixelsSha256) {
    throw new Failure(
      'pixels-altered',
      `${image.path}: the protected image was changed since it was certified`,
    );
  }
  if (body.mark.logoSha256 !== (measure.logo?.sha256 ?? null)) {
    throw new Failure('logo-unusable', `${image.path}: the logo's file was changed since the job ran`);
  }
  const { mark, seed } = protectSettings.parse(body.settings);
  const control = await controlImage({
    original,
    fieldOfView: findFieldOfView(original),
    zone: await zoneFromPng(image.zone, original),
    logo: measure.logo,
    mark,
    seed,
    size: body.mark.size,
    opacities: body.mark.placements.map(({ opacity }) => opacity),
  });
  const { graders, pipelines, signal } = measure;
  return measureImage({
    graders,
    pipelines,
    original,
    protected: marked,
    control,
    label: image.label,
    signal,
  });
}

async function certificateOf({ out, certificate, path }: MarkedImage): Promise<ImageCertificate> {
  const bytes = await readPlainFile(await outputFile(out, certificate)).catch((error: unknown) => {
    throw new Failure(
      'certificate-unreadable',
      `${path}: its certificate cannot be read: ${whyUnread(error)}`,
    );
  });
  return readImageCertificate(bytes, path).document;
}
