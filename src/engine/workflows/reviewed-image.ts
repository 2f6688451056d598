import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readImageCertificate } from '../../ml/certificate/image-certificate.ts';
import { findFieldOfView, type FieldOfView } from '../../ml/imaging/field-of-view.ts';
import type { ImageMetadata } from '../../ml/imaging/image-metadata.ts';
import type { BinaryMask } from '../../ml/imaging/plane.ts';
import type { Raster } from '../../ml/imaging/raster.ts';
import { decodeImage } from '../../ml/imaging/read-image.ts';
import { zoneFromPng } from '../../ml/lesions/zone-png.ts';
import type { CertificateBody } from '../../shared/certificate.ts';
import { Failure } from '../../shared/failure.ts';
import { hashBytes } from '../jobs/content-hash.ts';
import type { DoneRecord } from '../jobs/journal.ts';
import { wholeJob } from '../jobs/shard.ts';
import { outputFile } from './output-file.ts';
import { privateFolder } from './private-folder.ts';
import { readSource } from './protect-image-file.ts';
import { readWorkings, type Workings } from './workings.ts';

/** An original as it lies in the source, in the stored orientation. */
export interface OriginalImage {
  readonly original: Raster;
  readonly metadata: ImageMetadata;
  readonly fieldOfView: FieldOfView;
}

/** A protected image with everything the job has kept of it. */
export interface ReviewedImage extends OriginalImage {
  readonly record: DoneRecord;
  readonly certificate: CertificateBody;
  /** The forbidden zone without drawn boxes; null where it was not kept. */
  readonly zone: BinaryMask | null;
  /** Null where they were not kept: the image can be looked at, but not changed. */
  readonly workings: Workings | null;
}

/**
 * @param source real path of the folder the job reads
 * @throws Failure image-unreadable for an original that is gone or another one now
 */
export async function openOriginal(source: string, record: DoneRecord): Promise<OriginalImage> {
  const bytes = await readSource(join(source, ...record.path.split('/')));
  if (hashBytes(bytes) !== record.content) {
    throw new Failure(
      'image-unreadable',
      'the original is another file now than the one that was protected',
      {
        subject: record.path,
        hint: 'Put the original back, or run the job again.',
      },
    );
  }
  const { raster: original, metadata } = await decodeImage(bytes, record.path);
  return { original, metadata, fieldOfView: findFieldOfView(original) };
}

/** @throws Failure certificate-unreadable */
export async function openReviewedImage(
  opened: OriginalImage,
  out: string,
  record: DoneRecord,
): Promise<ReviewedImage> {
  const { original } = opened;
  const folder = privateFolder(out, wholeJob);
  const { image } = record.outputs;
  const kept =
    (await zoneFromPng(folder.zoneBeforeDrawing(image.path), original).catch(() => null)) ??
    (await zoneFromPng(folder.zone(image.path), original).catch(() => null));
  return {
    ...opened,
    record,
    certificate: await certificateOf(out, record),
    zone: kept?.mask ?? null,
    workings: await readWorkings(folder.workings(image.path)),
  };
}

/** The protected image itself. @throws Failure image-unreadable, pixels-altered when it is not the file that was written */
export async function readMarked(out: string, { outputs: { image } }: DoneRecord): Promise<Raster> {
  const bytes = await readSource(await outputFile(out, image.path));
  if (hashBytes(bytes) === image.sha256) return (await decodeImage(bytes, image.path)).raster;
  throw new Failure('pixels-altered', 'the protected image is not the file that was written', {
    subject: image.path,
    hint: 'Run the job again: it makes the image anew.',
  });
}

async function certificateOf(out: string, { outputs }: DoneRecord): Promise<CertificateBody> {
  const { path } = outputs.certificate;
  const bytes = await readFile(await outputFile(out, path)).catch((error: unknown) => {
    throw new Failure('certificate-unreadable', `${path} cannot be read`, {
      subject: path,
      hint: 'Run the job again: it makes the image anew.',
      cause: error,
    });
  });
  return readImageCertificate(bytes, path).document.body;
}
